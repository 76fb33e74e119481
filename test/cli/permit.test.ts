/** An address or a trace from elsewhere runs nothing that its user has not seen: only files of his project, which he is told, or that he names. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { commands, forget, processIn, scratch } from './run.ts'

const home = scratch()
const project = join(home, 'project')
const elsewhere = join(home, 'elsewhere')
const relock = processIn(project)

/** Leaves a mark when it is run. */
const mark = join(home, 'ran')
const ran = (): boolean => existsSync(mark)
const source = `import { writeFileSync } from 'node:fs'
import { always, scenario, unmap } from 'relock'
writeFileSync(${JSON.stringify(mark)}, '')
export default scenario({
  name: 'own',
  describe: () => ({
    unmap: 'restart',
    containers: {
      container0: {
        mappings: [{ iova: 0x1000, size: 0x1000 }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } },
      },
    },
    tasks: { vmm0: [unmap(0x1000, 0x1000)] },
  }),
  properties: [always('nobody is through', (w) => !w.finished)],
})
`

/** Of the run that `explore` printed, for the file in the project. */
let address: string
const outside = '../elsewhere/own.mjs'

beforeAll(async () => {
  for (const folder of [project, elsewhere, join(project, 'node_modules/other')]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(project, 'package.json'), '{}')
  for (const folder of [project, elsewhere, join(project, 'node_modules/other')])
    writeFileSync(join(folder, 'own.mjs'), source)
  symlinkSync(join(elsewhere, 'own.mjs'), join(project, 'link.mjs'))
  const { out } = await relock(['explore', './own.mjs'])
  address = commands(out).find(([verb]) => verb === 'replay')![1]!
})
afterEach(() => rmSync(mark, { force: true }))
afterAll(() => forget(home))

const of = (file: string): string => address.replace('./own.mjs', file)

test('what lies in the project is run, from a folder below as well, and the user is told', async () => {
  const { code, err } = await relock(['replay', address])
  expect([code, ran(), err]).toEqual([1, true, 'Running ./own.mjs, which the address names.\n'])
  mkdirSync(join(project, 'below'))
  const below = await processIn(join(project, 'below'))(['replay', of('../own.mjs')])
  expect([below.code, below.err]).toEqual([1, 'Running ../own.mjs, which the address names.\n'])
})

describe.each<[string, (foreign: string) => readonly string[]]>([
  ['replay', (foreign) => ['replay', foreign]],
  ['export', (foreign) => ['export', 'json', foreign]],
  ['lockdep', (foreign) => ['lockdep', foreign]],
])('%s', (_, words) => {
  test('does not run what lies elsewhere, and says how to allow it', async () => {
    const { code, out, err } = await relock(words(of(outside)))
    expect([code, ran(), out]).toEqual([2, false, ''])
    expect(err).toContain(`--allow ${outside}`)
  })

  test('runs it when the user names it, too', async () => {
    const { code, err } = await relock([...words(of(outside)), '--allow', outside])
    expect([[0, 1].includes(code), ran(), err]).toEqual([true, true, ''])
  })

  test('does not run what a trace from elsewhere names', async () => {
    cpSync(join(project, '.relock'), join(project, 'received'), { recursive: true })
    const [folder] = readdirSync(join(project, 'received'))
    const trace = join('received', folder!, 'run.trace.json')
    const text = readFileSync(join(project, trace), 'utf8').replaceAll('./own.mjs', outside)
    writeFileSync(join(project, trace), text)
    const { code } = await relock(words(trace))
    expect([code, ran()]).toEqual([2, false])
  })
})

test.each([
  ['a link that leads out of it', './link.mjs'],
  ['a package in it', './node_modules/other/own.mjs'],
])('%s is not the project', async (_, file) => {
  const { code } = await relock(['replay', of(file)])
  expect([code, ran()]).toEqual([2, false])
})

test('another file that is named is no leave for this one', async () => {
  const { code } = await relock(['replay', of(outside), '--allow', './own.mjs'])
  expect([code, ran()]).toEqual([2, false])
})
