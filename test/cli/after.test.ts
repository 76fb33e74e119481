/** `relock explore --after`: only what comes after a run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { atDeskIn } from './at-desk.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-after-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const relock = (...words: readonly string[]) => atDeskIn(folder, [...words, '--quiet'])
const story = ['explore', 'stale-dma', '--unmap', 'per-mapping'] as const

interface Told {
  readonly fingerprint: string
  readonly after?: string
  readonly exhaustive: boolean
  readonly states: number
  readonly findings: readonly { readonly address: string; readonly title: string }[]
}

const told = async (...words: readonly string[]): Promise<Told> => {
  const { out, err } = await relock(...words, '--json')
  expect(err).toBe('')
  return JSON.parse(out) as Told
}

/** The first steps of the run of an address. */
const begun = (address: string): string => {
  const [subject, schedule = ''] = address.split(/:(?=[\dx.]*$)/)
  return `${subject}:${schedule.split('.').slice(0, 3).join('.')}`
}

test('what is found there is found, by a run that begins with these steps; and it says that it speaks of no others', async () => {
  // What has begun has told those who are alike apart.
  const whole = await told(...story, '--no-symmetry')
  const [finding] = whole.findings
  const after = begun(finding!.address)
  const rest = await told(...story, '--after', after)
  expect([rest.after, rest.exhaustive, rest.states <= whole.states]).toEqual([after, true, true])
  expect(rest.findings.map(({ title }) => title)).toContain(finding!.title)
  for (const { address } of rest.findings) expect(address.startsWith(after.slice(0, after.lastIndexOf('.')))).toBe(true)
  const { out } = await relock(...story, '--after', after)
  expect(out).toMatch(/Only runs that begin with the given [\d,]+ steps: of others nothing is said\./)
  const again = () => atDeskIn(folder, ['replay', rest.findings[0]!.address])
  const replayed = await again()
  expect(replayed.out).toContain(rest.findings[0]!.title)
  // And the same again.
  expect((await again()).out).toBe(replayed.out)
})

test('a run of another model, an address that is none, and several scenarios are refused', async () => {
  const { fingerprint } = await told(...story)
  const other = fingerprint.replace(/./, (digit) => (digit === '0' ? '1' : '0'))
  const refused = async (...words: readonly string[]) => {
    const { code, err } = await relock(...words)
    expect(code).toBe(2)
    return err
  }
  expect(await refused(...story, '--after', `stale-dma,unmap=per-mapping@${other}:0`)).toContain('another model')
  expect(await refused(...story, '--after', 'stale-dma')).toContain('Not an address')
  expect(await refused('explore', 'unmap', '--after', `stale-dma@${fingerprint}:0`)).toContain(
    '--after is for one scenario',
  )
})
