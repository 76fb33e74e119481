/**
 * A search that has too little memory puts its states on the disk, and comes to the report of one that has enough. RELOCK_SEED=<seed> begins
 * elsewhere, RELOCK_SEEDS=<n> tries so many (docs/TRUST.md).
 */
import * as fs from 'node:fs'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { memoryWithin } from '../../explore/door.ts'
import type { MemoryBound } from '../../explore/spill/bound.ts'
import { segmentSize } from '../../explore/states/columns.ts'
import { Exact } from '../../explore/spill/exact.ts'
import { hash } from '../../explore/states/hash.ts'
import { Heap } from '../../explore/spill/heap.ts'
import { Hashes } from '../../explore/spill/hashes.ts'
import { Runs } from '../../explore/spill/runs.ts'
import { SpillFolder, type SpillDisk } from '../../explore/spill/files.ts'
import { fromCommands } from '../../explore/commands/commands.ts'
import { explore, searching } from '../../explore/index.ts'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { dice, type Dice } from '../../streams/dice.ts'
import { alikes, alikeSystem } from '../toys/alike.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { diningPhilosophers } from '../toys/dining-philosophers.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { expected, outcomeOf } from './compare.ts'
import { Chanced, helpBy } from './helpers.ts'
import { textOf, undisturbed, type Asked } from './killed.ts'
import { searchBy } from './random-searches.ts'

const many = Number(process.env['RELOCK_SEEDS'] ?? 40)
const first = Number(process.env['RELOCK_SEED'] ?? 1)

const folder = mkdtempSync(join(tmpdir(), 'relock-memory-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

/** No room from so many looks on, and so many states stay in memory. */
const shortAfter = (looks: number, more: Partial<MemoryBound> = {}): MemoryBound => {
  let looked = 0
  return {
    ...{ every: 1, fewest: 4, files: new SpillFolder(folder) },
    ...{ isShort: () => looked++ >= looks, isFull: () => false, bytes: 0, peak: () => 0 },
    ...more,
  }
}

/** What it says, and where its states were. */
const searchedWith = ({ system, properties, options }: Asked, memory: MemoryBound) => {
  const report = undisturbed({ system, properties, options: { ...options, memory } })
  return { report, wasSpilled: report.memory!.disk > 0 }
}

const atRaces = 'data races are looked for in all runs'

/** But for what states take in memory. */
const textBut = (report: Report): string => textOf({ ...report, bytesPerState: 0 }).replace(/"memory":\{[^}]*\},/, '')

const memoryBy = (chance: Dice): MemoryBound =>
  shortAfter(chance(chance(2) === 0 ? 4 : 60), { fewest: 1 + chance(chance(2) === 0 ? 8 : 100) })

test(`${many} searches with too little memory say what they say with enough`, () => {
  const faults: string[] = []
  let spilled = 0
  for (let seed = first; seed < first + many; seed++) {
    const chance = dice(seed)
    const { properties, ...asked } = searchBy(seed, chance)
    // What is asked of runs without an end is another matter (below).
    const search = { ...asked, properties: properties.filter(({ kind }) => kind !== 'eventually') }
    const { report, wasSpilled } = searchedWith(search, memoryBy(chance))
    if (wasSpilled) spilled++
    if (textBut(report) !== textBut(undisturbed(search)) && report.stopped?.why !== atRaces)
      faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1: ${asked.system.name}`)
  }
  expect(faults).toEqual([])
  // Small searches are over before anybody looks.
  if (many > 10) expect(spilled).toBeGreaterThan(many / 4)
  expect(readdirSync(folder)).toEqual([])
})

test('over random systems it says what brute force says', () => {
  let forced = 0
  for (let seed = first; seed < first + many; seed++) {
    const { system, properties } = systemOf(fc.sample(randomSystems, { seed, numRuns: 1 })[0]!)
    const options = { reduction: false, symmetry: false, within: { states: 301 } }
    const claims = properties.filter(({ kind }) => kind !== 'eventually')
    const { report, wasSpilled } = searchedWith({ system, properties: claims, options }, shortAfter(1))
    if (!report.exhaustive || !wasSpilled) continue
    forced++
    const brute = bruteForce(system, claims)
    const { states, steps, frontier } = report
    expect([states, steps, frontier], `RELOCK_SEED=${seed}`).toEqual([brute.states, brute.steps, brute.frontier])
    expect(outcomeOf(report), `RELOCK_SEED=${seed}`).toEqual(expected(brute))
  }
  if (many > 10) expect(forced).toBeGreaterThan(many / 6)
})

test('tasks that are alike count once there, too', () => {
  let together = 0
  for (let seed = first; seed < first + many; seed++) {
    const { system, properties } = alikeSystem(fc.sample(alikes, { seed, numRuns: 1 })[0]!)
    const options = { within: { states: 500 } }
    const asked = { system, properties: properties.filter(({ kind }) => kind !== 'eventually'), options }
    const { report, wasSpilled } = searchedWith(asked, shortAfter(2, { fewest: 20 }))
    if (wasSpilled && report.symmetry === 'on') together++
    expect(textBut(report), `RELOCK_SEED=${seed}`).toBe(textBut(undisturbed(asked)))
  }
  if (many > 10) expect(together).toBeGreaterThan(many / 6)
})

/** Counters that know nothing of each other. */
const counters = (digits: number, values: number) => {
  const up = { do: ({ n }: { readonly n: number }) => ({ n: (n + 1) % values }) }
  const ids = Array.from({ length: digits }, (_, digit) => `counter${digit}`)
  return fromCommands<Record<string, { readonly n: number }>>({
    name: `${digits} counters`,
    components: Object.fromEntries(ids.map((id) => [id, { start: { n: 0 }, processes: { [`up ${id}`]: { up } } }])),
  })
}

const never = always<Record<string, { readonly n: number }>>(
  'the first is never 9',
  ({ counter0 }) => counter0!.n !== 9,
)
const last = sometimes<Record<string, { readonly n: number }>>('all are 4', (all) =>
  Object.values(all).every(({ n }) => n === 4),
)
const counting = { system: counters(5, 5), properties: [never, last], options: {} }

test('it finds each of many states, in blocks and merged runs, and the shortest run to the last', () => {
  const memory = shortAfter(20, { every: 16, fewest: 100 })
  const { report, wasSpilled } = searchedWith(counting, memory)
  expect([wasSpilled, report.states, report.steps]).toEqual([true, 3125, 15_625])
  expect(report.properties.map(({ verdict, depth }) => [verdict, depth])).toEqual([
    ['holds', undefined],
    ['seen', 20],
  ])
  expect(textBut(report)).toBe(textBut(undisturbed(counting)))
})

test('while it goes on nothing of it is to be seen in its folder: who is killed leaves nothing', () => {
  const search = searching(counting.system, [], { memory: shortAfter(20, { every: 16 }) })
  let spilled = 0
  for (let step = search.next(); !step.done; step = search.next()) {
    if (step.value.spilled) spilled++
    expect(readdirSync(folder)).toEqual([])
  }
  expect(spilled).toBeGreaterThan(0)
})

test('what needs all states at hand ends where memory does, decides nothing that it has not seen, and says why', () => {
  const all = eventually<Record<string, { readonly n: number }>>('the first is 1', ({ counter0 }) => counter0!.n === 1)
  const asked = { ...counting, properties: [...counting.properties, all] }
  const { report, wasSpilled } = searchedWith(asked, shortAfter(100))
  expect(wasSpilled).toBe(false)
  expect(report.exhaustive).toBe(false)
  expect(report.stopped).toMatchObject({ by: 'memory', why: '"the first is 1" is asked of runs without an end' })
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided', 'undecided'])
})

test('so does a system that is asked who waits for ever', () => {
  const forEver = () => ({ there: () => [], doing: () => [], wrong: () => [] })
  const asked = { ...counting, system: { ...counting.system, forEver } }
  const { report, wasSpilled } = searchedWith(asked, shortAfter(100))
  expect(wasSpilled).toBe(false)
  expect(report.stopped).toMatchObject({ by: 'memory', why: 'who waits for ever is known when all states are' })
})

test('whose memory something else fills ends, too', () => {
  let looks = 0
  const { report } = searchedWith(counting, shortAfter(10, { isFull: () => looks++ > 30 }))
  expect(report.stopped).toMatchObject({ by: 'memory', why: 'what is not states takes all of it' })
  expect(report.states).toBeGreaterThan(30)
})

test('within a bound, too, the search ends where V8 has no room for more objects', () => {
  vi.spyOn(Heap.prototype, 'isFull').mockReturnValue(true)
  const { report, wasSpilled } = searchedWith(counting, shortAfter(1000))
  expect(wasSpilled).toBe(false)
  expect(report.stopped).toMatchObject({ by: 'memory', why: 'V8 has no room for more objects' })
  expect(report.properties[0]!.verdict).toBe('undecided')
})

test('garbage is collected before the heap is said to be full, and not at each look', () => {
  const shares = [0.5, 0.69, 0.8, 0.4, 0.65, 0.72, 0.68, 0.8, 0.83, 0.9, 0.71]
  let collected = 0
  const heap = new Heap(
    () => shares.shift()!,
    () => collected++,
  )
  // Asked when it is half full, nearly, and with garbage of 0.5; then not before it is 0.7; of 0.68 that is left, not before 0.84.
  const full = Array.from({ length: 8 }, () => heap.isFull())
  expect([full, collected, shares]).toEqual([[false, false, false, false, false, false, false, true], 3, []])
})

test('by hashes it finds as many states, claims nothing that needs all of them, and says how probable it is that one is left out', () => {
  const { report } = searchedWith(counting, shortAfter(20, { every: 16, fewest: 100, hashBits: 64 }))
  const whole = undisturbed(counting)
  expect([report.states, report.steps, report.frontier]).toEqual([whole.states, whole.steps, whole.frontier])
  expect(report.exhaustive).toBe(false)
  expect(report.stopped).toEqual({ by: 'hashes', waiting: 0, omission: (3125 * 3124) / 2 ** 65 })
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'seen'])
})

test('what is found by hashes is found, and no run is called the shortest for it', () => {
  const found = always<Record<string, { readonly n: number }>>(
    'the first is never 4',
    ({ counter0 }) => counter0!.n !== 4,
  )
  for (const reduction of [true, false]) {
    const asked = { ...counting, properties: [found], options: { reduction } }
    const memory = shortAfter(2, { every: 16, fewest: 100, hashBits: 64 })
    const { report } = searchedWith(asked, memory)
    expect(report.properties).toMatchObject([{ verdict: 'violated', depth: 4 }])
    expect(report.findings.filter(({ shortest }) => shortest)).toEqual([])
  }
})

test('a full search says that no shorter run shows a finding, wherever its states are, but not when it knows them by hashes', () => {
  const asked = { system: diningPhilosophers(4), properties: [], options: { reduction: false, symmetry: false } }
  const shortest = (more: Partial<MemoryBound>): readonly boolean[] => {
    const { report, wasSpilled } = searchedWith(asked, shortAfter(2, more))
    expect(wasSpilled).toBe(true)
    return report.findings.flatMap(({ kind, shortest: is }) => (kind === 'deadlock' ? is : []))
  }
  expect([shortest({}), shortest({ hashBits: 64 })]).toEqual([[true], [false]])
})

test('files of runs that were merged are given back at once: of a hundred runs only a few are left', () => {
  let open = 0
  const counting: SpillDisk = {
    ...fs,
    openSync: ((...given: Parameters<typeof fs.openSync>) => (open++, fs.openSync(...given))) as typeof fs.openSync,
    closeSync: (file) => (open--, fs.closeSync(file)),
  }
  const files = new SpillFolder(folder, counting)
  const runs = new Runs(files)
  for (let run = 0; run < 100; run++) {
    const words = Int32Array.of(run)
    runs.add(1, (add) => add(hash(words, 1) >>> 0, words, 0, 1, run))
    expect(open).toBeLessThan(8)
  }
  files.removeAll()
  expect(open).toBe(0)
})

test(`${many / 2} searches with others who look ahead until memory is short come to the same`, () => {
  const faults: string[] = []
  let both = 0
  for (let seed = first; seed < first + many / 2; seed++) {
    const chance = dice(seed)
    const { properties, ...asked } = searchBy(seed, chance)
    const search = { ...asked, properties: properties.filter(({ kind }) => kind !== 'eventually') }
    const team = new Chanced(2, chance)
    const options = { ...search.options, workers: helpBy(team, 1 + chance(4)) }
    const { report, wasSpilled } = searchedWith({ ...search, options }, memoryBy(chance))
    if (wasSpilled && team.states > 0) both++
    if (textBut(report) !== textBut(undisturbed(search)) && report.stopped?.why !== atRaces)
      faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=2: ${asked.system.name}`)
  }
  expect(faults).toEqual([])
  if (many > 10) expect(both).toBeGreaterThan(many / 20)
})

test('hashes that are too short leave states out, and nothing is said to hold', () => {
  const { report } = searchedWith(counting, shortAfter(20, { every: 16, fewest: 100, hashBits: 12 }))
  expect(report.states).toBeLessThan(3125)
  expect(report.states).toBeGreaterThan(1000)
  expect(report.stopped).toEqual({ by: 'hashes', waiting: 0, omission: 1 })
  expect(report.properties[0]!.verdict).toBe('undecided')
})

test('of a million states as many have the same hash of 32 bits as chance would have it', () => {
  const states = 1 << 20
  const packed = Array.from({ length: states / segmentSize }, (_, segment) =>
    Int32Array.from({ length: segmentSize * 2 }, (__, at) => {
      const state = segment * segmentSize + (at >> 1)
      return at % 2 === 0 ? state % 1000 : Math.floor(state / 1000)
    }),
  )
  const hashes = new Hashes(32, () => true)
  hashes.keep({ packed, words: 2 }, states, () => true)
  const same = states - hashes.count
  // 128 of them are expected: 2^40 pairs / 2^33; six times the deviation either way.
  expect(same).toBeGreaterThan(128 - 68)
  expect(same).toBeLessThan(128 + 68)
})

test('of states that have the same hash on the disk only those are known that were there', () => {
  const byHash = new Map<number, number>()
  const pairs: (readonly [one: number, other: number])[] = []
  for (let state = 0; state < 1 << 19; state++) {
    const key = hash(Int32Array.of(state % 1000, Math.floor(state / 1000)), 2)
    const one = byHash.get(key)
    if (one === undefined) byHash.set(key, state)
    else pairs.push([one, state])
  }
  // 2^37 pairs / 2^32.
  expect(pairs.length).toBeGreaterThan(8)
  const words = Int32Array.from(pairs.flat().flatMap((state) => [state % 1000, Math.floor(state / 1000)]))
  const states = { packed: [words], words: 2 }
  const files = new SpillFolder(folder)
  const exact = new Exact(files)
  const isFirst = (slot: number): boolean => slot % 2 === 0
  exact.keep(states, pairs.length * 2, isFirst, (slot) => slot)
  const known: number[] = []
  exact.tellKnown(states, 0, pairs.length * 2, (slot) => known.push(slot))
  files.removeAll()
  expect(known.toSorted((one, other) => one - other)).toEqual(pairs.map((_, at) => 2 * at))
})

test('those that wait in memory may be many: they are not packed otherwise than those on the disk', () => {
  const { report, wasSpilled } = searchedWith(counting, shortAfter(2, { every: 16, fewest: 2000 }))
  expect(wasSpilled).toBe(true)
  expect(textBut(report)).toBe(textBut(undisturbed(counting)))
})

test('where there is no room for more hashes the search ends, and says so', () => {
  let looks = 0
  const isFull = (more = 0): boolean => looks++ > 20 && more > 0
  const memory = shortAfter(0, { every: 16, fewest: 100, hashBits: 64, isFull })
  const { report } = searchedWith({ ...counting, system: counters(5, 6) }, memory)
  expect(report.stopped).toMatchObject({ by: 'memory', why: 'hashes of states take all of it' })
  expect(report.properties[0]!.verdict).toBe('undecided')
})

/** A disk that is full after so many writes. */
const fullAfter = (writes: number): SpillDisk => {
  let written = 0
  return {
    ...fs,
    writeSync: ((...given: Parameters<typeof fs.writeSync>) => {
      if (written++ >= writes) throw new Error('ENOSPC: no space left on device, write')
      return fs.writeSync(...given)
    }) as typeof fs.writeSync,
  }
}

test('a full disk is told, at whichever write: what is known is said, and nothing more', () => {
  let writes = 0
  for (; ; writes++) {
    const files = new SpillFolder(folder, fullAfter(writes))
    const { report } = searchedWith(counting, shortAfter(20, { every: 16, fewest: 300, files }))
    if (report.exhaustive) break
    expect(report.stopped).toMatchObject({ by: 'memory', why: expect.stringMatching(/^ENOSPC: .*, in \//) })
    expect(report.stopped!.waiting).toBeGreaterThan(0)
    expect(report.properties[0]!.verdict).toBe('undecided')
    expect(report.states).toBeLessThanOrEqual(3125)
    expect(readdirSync(folder)).toEqual([])
  }
  expect(writes).toBeGreaterThan(10)
})

test('a disk that gives back something else is found out', () => {
  const told: string[] = []
  for (let read = 1; ; read++) {
    let reads = 0
    const wrong: SpillDisk = {
      ...fs,
      readSync: ((file: number, bytes: Uint8Array, ...more: [number, number, number]) => {
        const many = fs.readSync(file, bytes, ...more)
        if (++reads === read) bytes[many >> 1]! ^= 1
        return many
      }) as typeof fs.readSync,
    }
    const files = new SpillFolder(folder, wrong)
    try {
      const { report } = searchedWith(counting, shortAfter(20, { every: 16, fewest: 300, files }))
      if (reads < read) break
      // What could not be merged stays as it was.
      if (report.exhaustive) {
        expect(textBut(report)).toBe(textBut(undisturbed(counting)))
        continue
      }
      expect(report.stopped!.by).toBe('memory')
      expect(report.properties[0]!.verdict).toBe('undecided')
      told.push(report.stopped!.why!)
    } catch (cause) {
      // It was needed for what is to be told.
      expect(cause).toMatchObject({ name: 'ModelError', problem: 'bad-disk' })
      told.push(String(cause))
    }
    expect(told.at(-1)).toContain('something else now')
  }
  expect(told.length).toBeGreaterThan(10)
})

test('other searches, and what is no number of bytes, are refused before anything is searched', async () => {
  await expect(explore(counting.system, [], { memory: 2 ** 30, search: 'depth' })).rejects.toThrow('breadth')
  await expect(explore(counting.system, [], { memory: 0 })).rejects.toThrow('memory')
})

test('a bound is one of the whole process, and is kept at some distance', () => {
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => 1000)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => 0)
  const memory = memoryWithin(2000)
  expect([memory.isShort(0), memory.isShort(800), memory.isFull()]).toEqual([false, true, false])
  rss.mockImplementation(() => 2101)
  clock.mockImplementation(() => 11)
  expect([memory.isShort(0), memory.isFull()]).toEqual([true, true])
})

test('how much a process takes is asked of the system once in a while, and at once for whoever wants much', () => {
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => 1000)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => 0)
  const memory = memoryWithin(2 ** 22)
  const asks = (milliseconds: number, more: number): number => {
    clock.mockImplementation(() => milliseconds)
    rss.mockClear()
    memory.isFull(more)
    return rss.mock.calls.length
  }
  expect([asks(0, 0), asks(5, 0), asks(10, 1000), asks(11, 0), asks(12, 0), asks(12, 2 ** 20)]).toEqual([
    1, 0, 0, 1, 0, 1,
  ])
})
