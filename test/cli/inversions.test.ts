/** Orders of locks that nobody can be caught in: told as such, and counted or not as the user likes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forget, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

/** Two threads take two locks in both orders; `gate`: one after the other, since whoever takes both has a third. */
const source = (gate: boolean, inversions?: string): string => {
  const inside = (one: string, other: string): string =>
    [`lock(${one})`, `lock(${other})`, `unlock(${other})`, `unlock(${one})`].map((step) => `mutex_${step}`).join(', ')
  const procedure = (name: string, steps: string): string =>
    `procedure('${name}', [${gate ? `mutex_lock(gate), ${steps}, mutex_unlock(gate)` : steps}])`
  return `import { kernel, mutex, mutex_lock, mutex_unlock, procedure, toScenario } from 'relock/kernel'
const [a, b, gate] = ['a', 'b', 'gate'].map((name) => mutex(name))
export default toScenario({
  name: 'both-ways',
  ${inversions === undefined ? '' : `inversions: '${inversions}',`}
  world: () => kernel({ threads: { t0: ${procedure('forth', inside('a', 'b'))}, t1: ${procedure('back', inside('b', 'a'))} } }),
})
`
}

beforeAll(() => {
  writeFileSync(join(folder, 'gated.mjs'), source(true))
  writeFileSync(join(folder, 'calm.mjs'), source(true, 'confirmed'))
  writeFileSync(join(folder, 'open.mjs'), source(false))
})

const refuted = 'refuted'

test('an inversion that no run is caught in is refuted, and violates all the same', async () => {
  const { code, out } = await relock(['explore', './gated.mjs'])
  expect(code).toBe(1)
  expect(out.replace(/\s+/g, ' ')).toMatch(/Judged refuted/)
})

test.each([
  ['on the command line', ['./gated.mjs', '--inversions', 'confirmed']],
  ['in the scenario', ['./calm.mjs']],
])('it does not count where only confirmed ones do: %s', async (_, words) => {
  const { code, out } = await relock(['explore', ...words])
  expect([code, out[0]]).toEqual([0, '✓'])
  expect(out).toContain('Nobody is known to be caught in these, so they do not count:')
  expect(out.replace(/\s+/g, ' ')).toContain('lock-order: a → b → a')
  const asked = await relock(['lockdep', ...words])
  expect([asked.code, asked.out.includes(refuted)]).toEqual([0, true])
})

test('what the scenario says is overruled by the command line', async () => {
  expect((await relock(['explore', './calm.mjs', '--inversions', 'all'])).code).toBe(1)
})

test('one that a run is caught in is confirmed, and counts either way', async () => {
  for (const more of [[], ['--inversions', 'confirmed']]) {
    const { code, out } = await relock(['explore', './open.mjs', '--all', ...more])
    expect(code).toBe(1)
    expect(out.replace(/\s+/g, ' ')).toMatch(/Judged confirmed: a run of \d+ steps hangs so/)
    expect(out).toMatch(/^ {2}Deadlock npx relock replay/m)
  }
})

test('documents say it, and which inversions count', async () => {
  const told = await Promise.all(['./gated.mjs', './open.mjs'].map((file) => relock(['explore', file, '--json'])))
  const judged = told.map(({ out }) => {
    const { inversions, findings } = JSON.parse(out) as {
      inversions: string
      findings: readonly { kind: string; judged?: string; deadlock?: string }[]
    }
    const found = findings.find(({ kind }) => kind === 'lock-order')
    return [inversions, found?.judged, found?.deadlock === undefined]
  })
  expect(judged).toEqual([
    ['all', 'refuted', true],
    ['all', 'confirmed', false],
  ])
})

test('a slip in the choice is told with what there is', async () => {
  const { code, err } = await relock(['explore', './gated.mjs', '--inversions', 'some'])
  expect(code).toBe(2)
  expect(err).toContain('all, confirmed')
})
