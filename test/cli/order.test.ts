/** `relock explore --order`: only runs in an order; and `--runs` with `--strategy dpor`. */
import { mkdtempSync, rmSync } from 'node:fs'
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
  readonly findings: readonly { readonly address: string; readonly title: string }[]
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
  ).toContain('circle')
  expect(await refused('explore', 'unmap', '--order', 'vmm0/unmap before vmm1/unmap')).toContain(
    '--order is for one scenario',
  )
})

test('so many classes of runs at most are looked at, and then nothing is said to hold', async () => {
  const whole = await told(...story, '--strategy', 'dpor')
  expect([whole.exhaustive, whole.classes!.runs > 3]).toEqual([true, true])
  const some = await told(...story, '--strategy', 'dpor', '--runs', '3')
  expect([some.exhaustive, some.classes!.runs]).toEqual([false, 3])
  const { out } = await relock(...story, '--strategy', 'dpor', '--runs', '3')
  expect(out).toContain('bound of 3 runs')
})
