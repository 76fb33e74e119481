/**
 * Who helps with a search, and when, changes nothing of what it reports. RELOCK_SEED=<seed> begins elsewhere, RELOCK_SEEDS=<n> searches n systems
 * (docs/TRUST.md).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { crew } from '../../bench/crew.ts'
import { sizeOf, unmapWorld } from '../../bench/worlds.ts'
import { fromCommands } from '../../explore/commands/commands.ts'
import { explore, searching, type ExploreOptions } from '../../explore/index.ts'
import { Board, boardFor } from '../../explore/parallel/board.ts'
import type { Hired } from '../../explore/parallel/messages.ts'
import { Found, Results } from '../../explore/parallel/results.ts'
import { Threads } from '../../explore/parallel/team.ts'
import { always, alwaysStep, eventually, sometimes } from '../../explore/claims/properties.ts'
import { systemOf } from '../../process/system.ts'
import type { Property, System } from '../../explore/system.ts'
import { dice } from '../../streams/dice.ts'
import type { AloneRule } from '../../explore/reduction/reduction.ts'
import { begin, component, type Table } from '../toys/component.ts'
import { smallCases } from '../scenarios/each.ts'
import { Chanced, helpBy } from './helpers.ts'
import { Killed, searchedUntil, textOf, undisturbed, type Asked } from './killed.ts'
import { searchBy } from './random-searches.ts'

const seeds = Number(process.env['RELOCK_SEEDS'] ?? 80)
const first = Number(process.env['RELOCK_SEED'] ?? 1)

const home = mkdtempSync(join(tmpdir(), 'relock-workers-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const withOptions = (asked: Asked, more: ExploreOptions): Asked => ({
  ...asked,
  options: { ...asked.options, ...more },
})

test(`${seeds} searches with 1, 2, 3 and 4 who look ahead come to the report of one that is alone`, () => {
  const faults: string[] = []
  let [states, open] = [0, 0]
  for (let seed = first; seed < first + seeds; seed++) {
    const chance = dice(seed)
    const asked = searchBy(seed, chance)
    const alone = textOf(undisturbed(asked))
    for (const size of [1, 2, 3, 4]) {
      const team = new Chanced(size, chance, chance(3) === 0 ? 40 : Infinity)
      const workers = helpBy(team, 1 + chance(chance(2) === 0 ? 4 : 64))
      const helped = textOf(undisturbed(withOptions(asked, { workers })))
      if (helped !== alone) faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1: ${asked.system.name} with ${size}`)
      states += team.states
      open += team.open
    }
  }
  expect(faults).toEqual([])
  // They are of use: most of what they look into is not left open.
  if (process.env['RELOCK_SEED'] === undefined) expect(open / states).toBeLessThan(0.5)
})

test('every story is told the same, in the first of its forms', () => {
  const cases = [...new Map(smallCases.toReversed().map((each) => [each.scenario.name, each])).values()]
  const faults = cases.filter(({ scenario, choices }, index) => {
    const [system, properties] = [scenario.system(choices), scenario.properties(choices)]
    const asked = { system, properties, options: { shortest: false } }
    const workers = helpBy(new Chanced(2, dice(index)), 1 + (index % 9))
    return textOf(undisturbed(withOptions(asked, { workers }))) !== textOf(undisturbed(asked))
  })
  expect(faults.map(({ title }) => title)).toEqual([])
})

test('a search that was killed goes on with others, and comes to the same', () => {
  const faults: number[] = []
  for (let seed = first; seed < first + seeds / 4; seed++) {
    const chance = dice(seed)
    const asked = searchBy(seed, chance)
    const path = join(home, `${seed}`, 'search.checkpoint')
    const helped = (): Asked => {
      const workers = helpBy(new Chanced(1 + chance(3), chance), 1 + chance(8))
      return withOptions(asked, { workers })
    }
    let text: string | undefined
    for (let killed = 0; text === undefined; killed++) {
      try {
        text = textOf(searchedUntil(helped(), path, { every: 5, ...(killed < 3 && { asked: 1 + chance(60) }) }))
      } catch (cause) {
        if (!(cause instanceof Killed)) throw cause
      }
    }
    if (text !== textOf(undisturbed(asked))) faults.push(seed)
  }
  expect(faults).toEqual([])
})

/** Ten states each, and with so many of them ten to that power. */
const counters = (digits: number): Asked => {
  const up = { do: ({ n }: { readonly n: number }) => ({ n: (n + 1) % 10 }) }
  const ids = Array.from({ length: digits }, (_, digit) => `c${digit}`)
  const system = fromCommands({
    name: `${digits} counters`,
    components: Object.fromEntries(ids.map((id) => [id, { start: { n: 0 }, processes: { [`up ${id}`]: { up } } }])),
  })
  interface View {
    readonly c0: { readonly n: number }
    readonly c1: { readonly n: number }
  }
  const properties = [
    always('c0 is never 9 while c1 is 8', ({ c0, c1 }: View) => c0.n !== 9 || c1.n !== 8),
    sometimes('both are 9', ({ c0, c1 }: View) => c0.n === 9 && c1.n === 9),
    eventually('c1 is 1', ({ c1 }: View) => c1.n === 1),
  ]
  return { system, properties, options: {} }
}

/** Threads that are waited for when they begin: however busy the machine is, they are of use. */
class Awaited extends Threads {
  #begun: Board | undefined

  override begin(hired: Hired, board: Board): void {
    this.#begun = board
    super.begin(hired, board)
  }

  override turn(): void {
    const nothing = new Int32Array(new SharedArrayBuffer(4))
    while (this.#begun!.beats === 0) Atomics.wait(nothing, 0, 0, 5)
  }
}

const awaitedReport = async ({ system, properties, options }: Asked) =>
  textOf(await explore(system, properties, options))

test('a crash that was seen before ends each run that it is in', () => {
  const crash = component<{ readonly at: number }>({
    id: 'crash',
    initial: { at: 0 },
    on: { GO: () => ({ local: { at: 1 }, findings: [{ kind: 'bug', title: 'boom', fatal: true }] }) },
  })
  const calm = (id: string) =>
    component<{ readonly at: number }>({ id, initial: { at: 0 }, on: { GO: () => ({ local: { at: 1 } }) } })
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const system: System = {
    ...{ name: 'a crash among others', fingerprint: 'x', view: () => ({}) },
    components: [crash, ...ids.map(calm)],
    start: ['crash', ...ids].map((id) => begin(id)),
  }
  const asked = { system, properties: [], options: { reduction: false, symmetry: false } }
  const alone = undisturbed(asked)
  expect([alone.states, alone.steps]).toEqual([64, 256])
  for (const seed of [1, 2, 3])
    expect(textOf(undisturbed(withOptions(asked, { workers: helpBy(new Chanced(2, dice(seed)), 2) })))).toBe(
      textOf(alone),
    )
})

test('states that are packed anew meanwhile are the same states', () => {
  const asked = counters(4)
  const alone = textOf(undisturbed(asked))
  for (const seed of [1, 2, 3]) {
    const workers = helpBy(new Chanced(3, dice(seed)), 1 + 3 * seed)
    expect(textOf(undisturbed(withOptions(asked, { workers })))).toBe(alone)
  }
})

/**
 * Who is taken first decides how long somebody is busy behind it, and when both were, nobody can tell. So there are two ways to a state, and within a
 * bound of steps the shorter one may be the only one; where a clock has stopped by then tells such states apart.
 */
const soonerOrLater = (): System => {
  const hears = (id: string, on: Table<number>['on'], initial = 0) => component<number>({ id, initial, on })
  const leaves = (steps: number) => ({ sends: steps > 0 ? [{ to: 'busy', type: `LEFT ${steps}` }] : [] })
  const taken = (steps: number) => (isTaken: number) => ({ local: 1, ...(isTaken === 0 && leaves(steps)) })
  const relay = (steps: number) =>
    hears(`relay${steps}`, { GO: () => ({ sends: [{ to: 'choice', type: `TAKE ${steps}` }] }) })
  const clock = hears('clock', {
    TICK: (at) => (at >= 0 && at < 30 ? { local: at + 1, sends: [{ to: 'clock', type: 'TICK' }] } : 'defer'),
    STOP: (at) => ({ local: -1 - at, sends: [3, 1].map((steps) => ({ to: `relay${steps}`, type: 'GO' })) }),
  })
  const choice = hears('choice', { 'TAKE 3': taken(3), 'TAKE 1': taken(1) })
  const busy = hears('busy', { 'LEFT 3': () => leaves(2), 'LEFT 2': () => leaves(1), 'LEFT 1': () => leaves(0) })
  const sent = (type: string, from: string) => ({ to: 'clock', message: { type, from } })
  return {
    ...{ name: 'sooner or later', fingerprint: 'x', view: () => ({}) },
    components: [clock, relay(3), relay(1), choice, busy],
    start: [sent('TICK', 'clock'), sent('STOP', 'outside')],
  }
}

test('within so many steps, what is behind a state that is too deep is not lost where a higher one leads there, too', () => {
  const faults: string[] = []
  // Whoever passes a message on, or is busy, has one at a time: it may be taken alone.
  const reduction: AloneRule = ({ component: { id } }) => id === 'busy' || id.startsWith('relay')
  for (const depth of [10, 16, 20, 22])
    for (const chunk of [2, 3, 4]) {
      const asked = { system: soonerOrLater(), properties: [], options: { reduction, within: { depth } } }
      const workers = helpBy(new Chanced(2, dice(chunk)), chunk)
      const helped = undisturbed(withOptions(asked, { workers }))
      if (textOf(helped) !== textOf(undisturbed(asked))) faults.push(`${depth} steps, ${chunk} states at once`)
    }
  expect(faults).toEqual([])
})

test('of states whose results do not fit it is said that they are open, and others are told still', () => {
  const numbers = new Int32Array(48)
  const results = new Results(5)
  results.into(numbers, 7)
  const tell = (first: number, many: number): void => {
    results.begin()
    for (let one = 0; one < many; one++) results.add(one, one, 0, first + one, Int32Array.of(first + one))
    results.end(many, many, 0)
  }
  tell(1, 2)
  // What was behind another state is not told again.
  tell(2, 2)
  tell(10, 20)
  tell(40, 1)
  results.begin()
  results.leaveOpen()
  const found = new Found(numbers, 1)
  const told = Array.from({ length: 5 }, () => {
    const words = Array.from({ length: found.isOpen ? 0 : found.many }, (_, one) => numbers[found.wordsOf(one)])
    const one = found.isOpen ? 'open' : words
    found.next()
    return one
  })
  expect([found.epoch, ...told]).toEqual([7, [1, 2], [3], 'open', [40], 'open'])
})

test('threads come to the report of one that is alone', async () => {
  const asked = counters(4)
  const alone = textOf(undisturbed(asked))
  for (const size of [1, 2, 3]) {
    const workers = { team: new Awaited(size), from: 100, chunk: 16 }
    expect(await awaitedReport(withOptions(asked, { workers }))).toBe(alone)
  }
  for (const workers of [1, 2]) expect(await awaitedReport(withOptions(asked, { workers }))).toBe(alone)
})

test('where one thread alone can search, the progress says why', () => {
  const alike = toSystem(unmapWorld('restart', sizeOf('3.1.1.1')))
  const { system, properties } = counters(2)
  const step = alwaysStep('c0 counts', () => true)
  const why = (of: System<any>, claims: readonly Property[], options: ExploreOptions) => {
    const told = new Set<string | undefined>()
    const search = searching(of, claims, options)
    for (let each = search.next(); !each.done; each = search.next()) told.add(each.value.alone)
    return [...told]
  }
  const order = [['vmm0 → vmm0/unmap CALL', 'vmm1 → vmm1/unmap CALL']]
  expect(why(alike, [], { workers: 2 })).toEqual(['symmetry'])
  expect(why(alike, [], { workers: 2, symmetry: false })).toEqual([undefined])
  expect(why(alike, [], {})).toEqual([undefined])
  expect(why(system, properties, { workers: 2 })).toEqual([undefined])
  expect(why(system, [step], { workers: 2 })).toEqual(['steps'])
  expect(why(alike, [], { workers: 2, symmetry: false, order })).toEqual(['order'])
  const { logic, outside } = crew(1)
  expect(why(systemOf(logic, outside), [], { workers: 2 })).toEqual(['numbered'])
})

test('those who look ahead leave the next chunks to him who keeps the order, and no chunk is taken twice', () => {
  const board = new Board(boardFor(1, 10))
  const taken = (): readonly number[] => {
    const chunks: number[] = []
    for (let chunk = board.takeAhead(); chunk !== undefined; chunk = board.takeAhead()) chunks.push(chunk)
    return chunks
  }
  const between = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)
  board.turnTo(0, 1000)
  // For what is found of those that are further on there is no room yet.
  expect(taken()).toEqual(between(5, 48))
  expect(between(0, 48).filter((chunk) => board.take(chunk))).toEqual([0, 1, 2, 3, 4])
  board.turnTo(3, 1000)
  expect(taken()).toEqual([48, 49, 50])
  // Whoever is late takes nothing that has had its turn.
  expect([0, 1, 2].filter((chunk) => board.take(chunk))).toEqual([])
})

test.each([
  [9, [2, 3, 4, 5, 6, 7, 8]],
  [5, [1, 2, 3, 4]],
  [1, []],
])('where %i chunks are stored, fewer are left to him', (stored, taken) => {
  const board = new Board(boardFor(1, 10))
  board.turnTo(0, 10 * stored)
  for (const chunk of [...taken, undefined]) expect(board.takeAhead()).toBe(chunk)
})

test('whoever waits is woken when there is something to do for a while', () => {
  const shared = boardFor(1, 10)
  const board = new Board(shared)
  const isWokenAt = (turn: number, states: number): boolean => {
    const { news } = board
    board.turnTo(turn, states)
    return board.news > news
  }
  expect(isWokenAt(0, 1000)).toBe(false)
  // Somebody waits.
  Atomics.add(shared.numbers, 6, 1)
  expect([20, 30, 1000].map((states) => isWokenAt(0, states))).toEqual([false, true, true])
  while (board.takeAhead() !== undefined);
  // All of 5 to 47 are taken: of what is left, ten chunks are as many as take a while.
  expect([0, 36, 37, 38, 39].map((turn) => isWokenAt(turn, 1000))).toEqual([false, false, false, true, true])
})

/** A program that takes a chunk, and what it does then. */
const takesAnd = (ends: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { workerData } from 'node:worker_threads'
      const { numbers, taken, chunk } = workerData.board
      while (numbers[1] < chunk * (numbers[0] + 9)) Atomics.wait(numbers, 4, 0, 1)
      const far = numbers[0] + 8
      Atomics.store(taken, far % taken.length, far + 1)
      Atomics.add(numbers, 5, 1)
      ${ends}`)}`,
  )

test.each([
  ['throws', takesAnd("throw new Error('no')")],
  ['ends', takesAnd('process.exit(0)')],
  ['is not there', new URL('file:///nowhere/program.js')],
])('a thread that %s is not waited for, and the report is the same', async (_, program) => {
  const asked = counters(4)
  const workers = { team: new Threads(1, program), from: 100, chunk: 16 }
  expect(await awaitedReport(withOptions(asked, { workers }))).toBe(textOf(undisturbed(asked)))
})

test('bounds of time, and whoever has had enough, end a search that others help with', async () => {
  const { system, properties } = counters(6)
  const workers = { team: new Awaited(2), from: 100, chunk: 16 }
  const late = await explore(system, properties, { workers, within: { ms: 1 } })
  expect(late).toMatchObject({ exhaustive: false, stopped: { by: 'ms', bound: 1 } })
  const enough = new AbortController()
  const search = searching(system, properties, { workers, signal: enough.signal })
  for (let step = search.next(); ; step = search.next()) {
    if (step.done) {
      expect(step.value).toMatchObject({ exhaustive: false, stopped: { by: 'you' } })
      expect(step.value.states).toBeLessThan(1_000_000)
      return
    }
    if (step.value.states > 5000) enough.abort()
  }
})

test('who does not finish a search lets its threads go', () => {
  let ended = 0
  class Counted extends Chanced {
    override end(): void {
      ended++
      super.end()
    }
  }
  const { system, properties } = counters(4)
  const search = searching(system, properties, { workers: helpBy(new Counted(2, dice(1)), 4) })
  search.next()
  search.next()
  search.return(undefined as never)
  expect(ended).toBe(1)
})

test('only a search breadth first has others that look ahead, and no more than 64', async () => {
  const { system } = counters(2)
  await expect(explore(system, [], { workers: 2, search: 'depth' })).rejects.toThrow(
    'is nothing for the search "depth"',
  )
  await expect(explore(system, [], { workers: 2, search: { random: { seed: 1, runs: 3 } } })).rejects.toThrow('workers')
  for (const workers of [0, 65, 1.5]) await expect(explore(system, [], { workers })).rejects.toThrow('workers')
})
