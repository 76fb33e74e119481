/** Searches `states` or `orbits`, keeping it every so many states: a dot whenever it has, and the report at the end. */
import { CheckpointFile } from '../../explore/several/checkpoint-files.ts'
import { textOf, undisturbed } from '../explore/killed.ts'
import { toys } from '../toys/all.ts'

const [whom, path, every] = process.argv.slice(2)
const { system, properties } = toys.find(({ reduced }) => reduced === 1500)

const pace = {
  isDue: (expanded) => path !== undefined && expanded > 0 && expanded % Number(every) === 0,
  took: () => process.stdout.write('.'),
}
const checkpoint = path === undefined ? {} : { checkpoint: new CheckpointFile(path, pace) }
const report = undisturbed({
  system,
  properties,
  options: { reduction: false, symmetry: whom === 'orbits', ...checkpoint },
})
process.stdout.write(`\n${textOf(report)}`)
