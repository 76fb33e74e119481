/** `relock explore --order`: only runs in an order; and `--runs` with `--strategy dpor`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { atDeskIn } from './at-desk.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-order-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const relock = (...words: readonly string[]) => atDeskIn(folder, [...words, '--quiet'])
const story = ['explore', 'stale-dma', '--unmap', 'per-mapping'] as const

interface Told {
  readonly order?: readonly {
    readonly first: string
    readonly second: string
    readonly came: boolean
    readonly cut: boolean
  }[]
  readonly exhaustive: boolean
  readonly states: number
  readonly classes?: { readonly runs: number }
  readonly findings: readonly { readonly address: string; readonly title: string; readonly kind: string }[]
  readonly properties: readonly { readonly verdict: string }[]
}

const told = async (...words: readonly string[]): Promise<Told> =>
  JSON.parse((await relock(...words, '--json')).out) as Told

test('one call before another leaves fewer states, says so, and what it finds is a run of the story itself', async () => {
  const whole = await told(...story, '--no-symmetry')
  const calls = await told(...story, '--order', 'vmm0/unmap before vmm1/unmap')
  expect(calls.order).toEqual([
    { first: 'vmm0/unmap → vmm0 RETURN', second: 'vmm1 → vmm1/unmap CALL', came: true, cut: false },
  ])
  expect([calls.exhaustive, calls.states < whole.states]).toEqual([true, true])
  // One after the other, nobody is in the window.
  expect(calls.findings.map(({ title }) => title).filter((title) => title.startsWith('use-after-free'))).toEqual([])
  const steps = await told(...story, '--order', 'vmm0 → vmm0/unmap CALL before vmm1 → vmm1/unmap CALL')
  expect(steps.findings.map(({ title }) => title)).toEqual(whole.findings.map(({ title }) => title))
  const replayed = await atDeskIn(folder, ['replay', steps.findings[0]!.address])
  expect(replayed.out).toContain(steps.findings[0]!.title)
  const { out } = await relock(...story, '--order', 'vmm0/unmap before vmm1/unmap')
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'Only runs with vmm0/unmap → vmm0 RETURN before vmm1 → vmm1/unmap CALL: of others nothing is said.',
  )
})

test('a name that nobody has, a rule of one step, a circle and several scenarios are refused', async () => {
  const refused = async (...words: readonly string[]) => {
    const { code, err } = await relock(...words)
    expect(code).toBe(2)
    return err.replaceAll(/\s+/g, ' ')
  }
  expect(await refused(...story, '--order', 'vmm0/unmpa before vmm1/unmap')).toContain('Did you mean "vmm0/unmap"?')
  expect(await refused(...story, '--order', 'vmm0/unmap')).toContain('says of no two steps which comes first')
  expect(
    await refused(...story, '--order', 'vmm0/unmap before vmm1/unmap', '--order', 'vmm1/unmap before vmm0/unmap'),
  ).toMatch(/^The order goes round in a circle/)
  expect(await refused('explore', 'unmap', '--order', 'vmm0/unmap before vmm1/unmap')).toContain(
    '--order is for one scenario',
  )
})

test('what nobody ever hears, a task by itself and an actor are refused with what there is instead', async () => {
  const refused = async (rule: string) => {
    const { code, err } = await relock(...story, '--order', rule)
    expect(code).toBe(2)
    return err.replaceAll(/\s+/g, ' ')
  }
  const misspelt = await refused('vmm0/unmap before vmm1 → vmm1/unmap CAL')
  expect(misspelt).toContain('vmm1/unmap never hears "CAL" from vmm1. Did you mean "CALL"?')
  expect(misspelt).toContain('--order vmm0/unmap before vmm1 → vmm1/unmap CAL:')
  expect(await refused('vmm0 before vmm1')).toContain('vmm0 is a task, which is all of its calls: name one of them.')
  expect(await refused('vmm0 before vmm1')).toContain('calls vmm0/unmap')
  expect(await refused('iommu.lock before vmm1/unmap')).toContain('iommu.lock is an actor, and no step')
})

test('a run is shown that is in the order, and a run is replayed only if it is', async () => {
  const step = 'vmm0 → vmm0/unmap CALL before vmm1 → vmm1/unmap CALL'
  const shown = await relock('show', 'stale-dma', '--unmap', 'per-mapping', '--order', step, '--json')
  const { address } = JSON.parse(shown.out) as { readonly address: string }
  expect((await atDeskIn(folder, ['replay', address, '--order', step])).code).toBe(shown.code)
  const other = 'vmm1 → vmm1/unmap CALL before vmm0 → vmm0/unmap CALL'
  const { code, err } = await atDeskIn(folder, ['replay', address, '--order', other])
  expect(code).toBe(2)
  expect(err.replaceAll(/\s+/g, ' ')).toMatch(/Step \d+ of the schedule is out of order: vmm0 → vmm0\/unmap CALL\./)
})

const lostUpdate = (order: string) => `
import { always, field, kernel, procedure, read, toScenario, write } from 'relock/kernel'
const counter = field('counter', 0)
const inc = procedure('inc', { n: 0 }, [read(counter, 'n'), write(counter, ({ n }) => n + 1)])
export default toScenario({
  name: 'lost-update',
  world: () => kernel({ threads: { a: inc, b: inc, c: inc } }),
  properties: [always('all count', (w) => w.field('counter') === 3, { when: (w) => w.finished })],
  ${order}
})
`

test('a scenario has an order of its own, to which what is typed is added; its runs are told and replayed in it', async () => {
  const file = (name: string, order: string): string => {
    writeFileSync(join(folder, name), lostUpdate(order))
    return `./${name}`
  }
  const two = file('two.ts', "order: [['a/inc', 'b/inc']],")
  const some = await told('explore', two)
  expect(some.order!.map(({ first, second }) => `${first} before ${second}`)).toEqual([
    'a/inc → a RETURN before b → b/inc CALL',
  ])
  expect(some.properties[0]!.verdict).toBe('violated')
  expect((await atDeskIn(folder, ['replay', some.findings[0]!.address, '--allow', two])).code).toBe(1)
  const all = await told('explore', two, '--order', 'b/inc before c/inc')
  expect(all.order!.map(({ came }) => came)).toEqual([true, true])
  // It orders nothing for the memory: that is a data race all the same.
  expect([all.exhaustive, ...all.findings.map(({ kind }) => kind)]).toEqual([true, 'data-race'])
  expect(all.properties[0]!.verdict).toBe('holds')
  const chain = await told('explore', file('chain.ts', "order: () => [['a/inc', 'b/inc', 'c/inc']],"))
  expect([chain.states, chain.order]).toEqual([all.states, all.order])
  const against = await relock('explore', two, '--order', 'b/inc before a/inc')
  expect([against.code, against.err]).toEqual([2, expect.stringContaining('circle')])
})

test('an order in a description that names nobody is refused, with its place', async () => {
  for (const [name, order, says] of [
    ['ink', "order: [['a/ink', 'b/inc']],", 'order[0][0]: there is no call "a/ink". Did you mean "a/inc"?'],
    ['alone', "order: [['a/inc']],", 'order[0] says of one step that it comes before nothing'],
    ['words', "order: ['a/inc before b/inc'],", 'order[0]'],
  ] as const) {
    writeFileSync(join(folder, `${name}.ts`), lostUpdate(order))
    const { code, err } = await relock('explore', `./${name}.ts`)
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(says)])
    expect(err).not.toContain('address')
  }
})

test('so many classes of runs at most are looked at, and then nothing is said to hold', async () => {
  const whole = await told(...story, '--strategy', 'dpor')
  expect([whole.exhaustive, whole.classes!.runs > 3]).toEqual([true, true])
  const some = await told(...story, '--strategy', 'dpor', '--runs', '3')
  expect([some.exhaustive, some.classes!.runs]).toEqual([false, 3])
  const { out } = await relock(...story, '--strategy', 'dpor', '--runs', '3')
  expect(out).toContain('bound of 3 runs')
})
