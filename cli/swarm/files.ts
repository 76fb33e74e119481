/** What a scenario file of the user's consists of, without running it: two machines have the same if all of it is the same. */
import { dirname, relative, resolve, sep } from 'node:path'
import { Modules } from '../../scenarios/modules.ts'

/** By path from the folder of the file, what stands in it and in those that it imports. */
export const filesOf = (file: string): Readonly<Record<string, string>> => {
  const path = resolve(file)
  const all = new Modules().filesOf(path).flatMap(({ path: each, digest }) => {
    const from = relative(dirname(path), each).split(sep).join('/')
    return digest === undefined ? [] : [[from, digest] as const]
  })
  return Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** In words, what is different; nothing: it is all the same. */
export const differing = (
  there: Readonly<Record<string, string>>,
  here: Readonly<Record<string, string>>,
): string | undefined => {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].toSorted()
  const [name] = names.filter((each) => there[each] !== here[each])
  if (name === undefined) return undefined
  return here[name] === undefined
    ? `this worker has no ${name}`
    : there[name] === undefined
      ? `this worker has a ${name} besides`
      : `${name} is not the same here`
}
