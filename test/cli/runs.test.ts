/** Every scenario, printed: it fits the page, and every address it prints leads to the same again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { commands, forget, hasControl, processIn, relockIn, scratch, widest, type Outcome } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const names = scenarios.map(({ name }) => name)
const reports = new Map<string, string>()

/** What stands between the sentence above the lanes and the replay command: lanes and splat. */
const bodies = (out: string): readonly string[] =>
  [
    ...out.matchAll(
      /steps?[^\n]*(?:\n {4}[^\n]*)?\):\n\n(.*?)\n\n {2}(?:Judged [^\n]*(?:\n {4}[^\n]*)*\n {2})?Replay /gs,
    ),
  ].map(([, body = '']) => body)

const addressesIn = (out: string): readonly string[] =>
  commands(out).flatMap(([command, address = '']) => (command === 'replay' ? [address] : []))

/** Runs in which somebody is caught in an inversion: told elsewhere, or not at all. */
const hangsIn = (out: string): readonly string[] =>
  addressesIn([...out.matchAll(/^ {2}Deadlock npx relock (?:[^\n\\]|\\\n)*/gm)].map(([command]) => command).join('\n'))

const toldIn = (out: string): readonly string[] =>
  addressesIn(out.replaceAll(/^ {2}Deadlock npx relock (?:[^\n\\]|\\\n)*/gm, ''))

/** What the kernel itself and its hardware spell in capitals, and what is printed or said of them. */
const isKernelSpeech =
  /^(?:NULL|E[A-Z]+|VFIO_\w+|(?:READ|WRITE)_ONCE|COMMAND|PASID|ATS|ATC|IOTLB|DMA|BUG|WARNING|ODEBUG|HARDIRQ|DEADLOCK|AER|DMAR|DRHD|DRV|RCU|MSI|INTX|VADDR)$/

let explored: Outcome
/** What one address led to. */
const replays = new Map<string, string>()
const again: Outcome[] = []

beforeAll(async () => {
  explored = await relock(['explore', ...names, '--all', '--quiet'])
  const starts = names.map((name) => explored.out.search(new RegExp(`^[✓✗~] ${name.replaceAll('+', '\\+')},`, 'm')))
  for (const [i, name] of names.entries()) reports.set(name, explored.out.slice(starts[i], starts[i + 1]))
  const addresses = [...new Set(addressesIn(explored.out))]
  // Whatever a process remembers of what it has explored: another one says the same.
  again.push(...(await Promise.all([relock, processIn(folder)].map((ask) => ask(['replay', ...addresses, '--all'])))))
  const told = bodies(again[0]!.out)
  for (const [i, address] of addresses.entries()) replays.set(address, told[i]!)
})

test('all of them are explored by one command, which says that something is violated', () => {
  expect({ code: explored.code, err: explored.err }).toEqual({ code: 1, err: '' })
  expect([...reports.values()].every((text) => /^[✓✗] /.test(text))).toBe(true)
})

test('to replay says the same every time, byte by byte, and gives the address that it was given', () => {
  expect(again.map(({ code, err }) => ({ code, err }))).toEqual([1, 1].map((code) => ({ code, err: '' })))
  expect(again[1]!.out).toBe(again[0]!.out)
  expect(addressesIn(again[0]!.out)).toEqual([...replays.keys()])
  expect(replays.size).toBeGreaterThan(25)
})

describe.each(names)('%s', (name) => {
  test('fits 80 columns and has no control characters, trailing blanks or signs of our own trouble', () => {
    const out = reports.get(name)!
    expect(widest(out)).toBeLessThanOrEqual(80)
    expect(hasControl(out)).toBe(false)
    expect(out).not.toMatch(/[ \t]$/m)
    expect(out).not.toMatch(/undefined|\[object|NaN/)
  })

  test('its rows say functions and plain words, never how a message is named', () => {
    const rows = bodies(reports.get(name)!).flatMap((body) => /^(?:(?!={10}).*\n?)*/.exec(body)![0].split('\n'))
    const words = rows.flatMap((row) => row.match(/(?<![\w.>"-])[A-Z][A-Z_]{2,}(?!\w)/g) ?? [])
    expect(words.filter((word) => !isKernelSpeech.test(word))).toEqual([])
    expect(rows.filter((row) => /\b(?:list|queue|real) [+−]= \d/.test(row))).toEqual([])
  })

  test('every address it prints leads to the same lanes and the same splat', () => {
    const out = reports.get(name)!
    const told = bodies(out)
    const addresses = toldIn(out)
    for (const address of hangsIn(out)) expect(replays.get(address)).toMatch(/BUG: relock: deadlock/)
    expect(told).toHaveLength(addresses.length)
    for (const address of new Set(addresses)) {
      // Two claims broken by the same step share a run; that is told once.
      expect(told.filter((_, i) => addresses[i] === address)).toContain(replays.get(address))
    }
  })
})

test('lists and comparisons fit 80 columns', async () => {
  const compared = ['stale-dma', 'stolen-mapping', 'missed-mirror', 'first-page-only', 'freed-between-devices']
  const printed = await Promise.all([
    relock(['list']),
    relock(['list', '--all']),
    ...compared.map((name) => relock(['compare', name])),
  ])
  for (const { out, err } of printed) {
    expect(widest(out)).toBeLessThanOrEqual(80)
    expect(hasControl(out)).toBe(false)
    expect(err).toBe('')
  }
})

test('--ascii prints ASCII only, and fits, too', async () => {
  const printed = await Promise.all([
    relock(['list', '--ascii']),
    relock(['list', '--all', '--ascii']),
    relock(['explore', 'freed-between-devices', '--ascii', '--all']),
    relock(['compare', 'stolen-mapping', '--ascii']),
  ])
  for (const { out } of printed) {
    expect(out).toMatch(/^[\x20-\x7e\n]*$/)
    expect(widest(out)).toBeLessThanOrEqual(80)
  }
})

test('a long story is cut in the middle and says how to see all of it; its run is replayed from a file', async () => {
  const { out } = await relock(['explore', 'same-address+eleven-pins'])
  expect(out).toMatch(/\d+ rows hidden \(steps \d+–\d+\); --all shows them/)
  const [replay] = commands(out)
  expect(replay?.[1]).toMatch(/^\.relock\/.*\.trace\.json$/)
  const again = await relock(replay!)
  expect(again.code).toBe(1)
  expect(bodies(again.out)[0]).toBe(bodies(out)[0])
})
