/** What is handed to the checker (systems, components and what they answer, properties, options) fits, or is refused with its place. */
import { EMPTY, lastValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { setup } from 'xstate'
import {
  always,
  assertConforms,
  assertHolds,
  assertViolates,
  eventually,
  explore,
  exploration,
  interactive,
  live,
  lockdep,
  lockdepOf,
  pct,
  random,
  replay,
  replaying,
  roundRobin,
  sanitizer,
  sometimes,
  start,
  toSystem,
  unmap,
  linux,
  type Component,
  type ExploreOptions,
  type Outcome,
  type Report,
  type System,
} from '../../index.ts'
import { refusalOf, saying } from './refusals.ts'

/** What an `explore()` is refused with. */
const refused = async (promise: Promise<unknown>): Promise<object> => {
  const error: unknown = await promise.then(
    () => new Error('accepted'),
    (cause: unknown) => cause,
  )
  return refusalOf(() => {
    throw error
  })
}

const done: Outcome = { local: 'done', sends: [], findings: [], notes: [], ignored: false }

const component = (more: object = {}): Component => ({
  id: 'a',
  initial: 'new',
  accepts: () => true,
  receive: () => done,
  key: String,
  show: (local) => ({ state: String(local), data: {} }),
  ...more,
})

const system = (more: object = {}, ...others: readonly Component[]): System => ({
  name: 'small',
  fingerprint: 'f',
  components: [component(more), ...others],
  start: [{ to: 'a', message: { type: 'GO', from: 'env' } }],
  view: (read) => read('a'),
})

const world = linux({
  unmap: 'restart',
  containers: { container0: { groups: { group26: { devices: {} } } } },
  tasks: { vmm0: [unmap(0, 0x1000)] },
})

test('a small system is explored, replayed and told', async () => {
  const report = await explore(system(), [sometimes('it is done', (local) => local === 'done')])
  expect(report).toMatchObject({ exhaustive: true, states: 2 })
  expect(replay(system(), [0])).toMatchObject({ end: 'finished' })
  expect(start(system()).settle().state).toBe('done')
})

describe('properties', () => {
  const holds = () => true
  const rows: readonly (readonly [string, unknown, string, string])[] = [
    ['no list', 42, 'explore(): properties cannot be 42.', 'a list of properties'],
    [
      'one instead of a list',
      always('x', holds),
      "explore(): properties cannot be { kind: 'always', name: 'x', holds: [Function: holds] }.",
      'a list of properties',
    ],
    ['a function', () => undefined, 'explore(): properties cannot be a function.', 'a list of properties'],
    [
      'nothing in a list',
      [null],
      'explore(): properties[0] cannot be null.',
      '{ kind, name, holds, when, step, finding }',
    ],
    [
      'an unknown kind',
      [{ kind: 'never', name: 'x', holds }],
      'explore(): properties[0].kind cannot be "never".',
      'one of always, sometimes, eventually',
    ],
    ['no name', [{ kind: 'always', holds }], 'explore(): properties[0].name is missing.', 'a name'],
    ['an empty name', [always('', holds)], 'explore(): properties[0].name cannot be "".', 'a name'],
    ['nothing that holds', [{ kind: 'always', name: 'x' }], 'explore(): properties[0].holds is missing.', 'a function'],
    [
      'what holds as text',
      [{ kind: 'always', name: 'x', holds: 'yes' }],
      'explore(): properties[0].holds cannot be "yes".',
      'a function',
    ],
    [
      'a misspelt option',
      [always('x', holds, { wehn: holds } as object)],
      'explore(): properties[0].wehn is not known. Did you mean "when"?',
      'kind, name, holds, when, step, finding',
    ],
    [
      'a condition that is none',
      [always('x', holds, { when: true } as object)],
      'explore(): properties[0].when cannot be true.',
      'a function',
    ],
    [
      'a condition of what is seen',
      [{ ...sometimes('x', holds), when: holds }],
      'explore(): properties[0].when is nothing that `sometimes` has.',
      'only `always` has it',
    ],
    [
      'a finding of what comes',
      [{ ...eventually('x', holds), finding: 'leak' }],
      'explore(): properties[0].finding is nothing that `eventually` has.',
      'only `always` has it',
    ],
    [
      'two of one name',
      [always('x', holds), sometimes('y', holds), sometimes('x', holds)],
      'explore(): properties[2].name is that of [0], too: "x".',
      'a name of its own',
    ],
  ]
  test.each(rows)('%s', async (_, properties, fact, expected) => {
    expect(await refused(explore(system(), properties as []))).toEqual(saying(fact, expected))
    expect(await refused(lastValueFrom(exploration(system(), properties as [])))).toEqual(saying(fact, expected))
  })
})

describe('options', () => {
  const rows: readonly (readonly [string, unknown, string, string])[] = [
    ['no options', 5, 'explore(): options cannot be 5.', '{ search, after, order, within,'],
    [
      'a misspelt one',
      { stopAtFrist: true },
      'explore(): options.stopAtFrist is not known. Did you mean "stopAtFirst"?',
      'search, after, order, within, symmetry, reduction',
    ],
    ['text for yes', { stopAtFirst: 'yes' }, 'explore(): options.stopAtFirst cannot be "yes".', 'true or false'],
    [
      'what is ignored',
      { ignored: 'fial' },
      'explore(): options.ignored cannot be "fial". Did you mean "fail"?',
      'one of show, fail',
    ],
    [
      'a bound by another name',
      { within: { state: 5 } },
      'explore(): options.within.state is not known. Did you mean "states"?',
      'states, depth, ms',
    ],
    [
      'a bound that is none',
      { within: { states: NaN } },
      'explore(): options.within.states cannot be NaN.',
      'a whole number',
    ],
    [
      'a bound below zero',
      { within: { depth: -1 } },
      'explore(): options.within.depth cannot be -1.',
      'a whole number',
    ],
    ['an unknown search', { search: { bfs: {} } }, 'explore(): options.search.bfs is not known.', 'random, pct'],
    [
      'a search in other words',
      { search: 'breath' },
      'explore(): options.search cannot be "breath". Did you mean "breadth"?',
      'breadth',
    ],
    ['no search', { search: {} }, 'explore(): options.search cannot be {}.', "'breadth', { random: { seed, runs } }"],
    [
      'both searches',
      { search: { random: { seed: 1, runs: 1 }, pct: {} } },
      'explore(): options.search.pct is not known.',
      'random',
    ],
    [
      'no runs',
      { search: { random: { seed: 1 } } },
      'explore(): options.search.random.runs is missing.',
      'a whole number of 1 or more',
    ],
    [
      'a seed beyond 32 bits',
      { search: { random: { seed: 2 ** 32, runs: 1 } } },
      'explore(): options.search.random.seed cannot be 4294967296.',
      'from 0 to 4294967295',
    ],
    [
      'preemptions without end',
      { search: { pct: { seed: 1, runs: 1, preemptions: 1e12 } } },
      'explore(): options.search.pct.preemptions cannot be 1000000000000.',
      'from 0 to 1000',
    ],
    [
      'a controller for its signal',
      { signal: new AbortController() },
      'explore(): options.signal cannot be AbortController',
      'the signal of an AbortController',
    ],
    ['a rule that is none', { reduction: 'off' }, 'explore(): options.reduction cannot be "off".', 'true or false'],
    ['text for whom to tell', { onFinal: 'log' }, 'explore(): options.onFinal cannot be "log".', 'a function'],
  ]
  test.each(rows)('%s', async (_, options, fact, expected) => {
    expect(await refused(explore(system(), [], options as ExploreOptions))).toMatchObject({
      fact: expect.stringContaining(fact),
      rest: expect.stringContaining(expected),
    })
  })
})

describe('systems', () => {
  const rows: readonly (readonly [string, unknown, string, string])[] = [
    ['nothing', undefined, 'explore(): the system cannot be undefined.', 'a system: { name,'],
    ['text', 'stale-dma', 'explore(): the system cannot be "stale-dma".', 'a system: { name,'],
    ['a promise', Promise.resolve(system()), 'explore(): the system: name is missing.', 'a name'],
    [
      'without components',
      { ...system(), components: undefined },
      'explore(): the system: components is missing.',
      'a list of components',
    ],
    [
      'by another name',
      { ...system(), component: [] },
      'explore(): the system: component is not known. Did you mean "components"?',
      'name, fingerprint, components, start, view',
    ],
    [
      'without a start',
      { ...system(), start: null },
      'explore(): the system: start cannot be null.',
      'a list of { to, message }',
    ],
    [
      'a start from nobody',
      { ...system(), start: [{ to: 'a', message: { type: 'GO' } }] },
      'explore(): the system: start[0].message.from is missing.',
      'who sends it',
    ],
    ['without a view', { ...system(), view: {} }, 'explore(): the system: view cannot be {}.', 'a function of `read`'],
    [
      'a component without a name',
      system({ id: '' }),
      'explore(): the system: components[0].id cannot be "".',
      'a name',
    ],
    [
      'a component that receives nothing',
      system({ receive: undefined }),
      'explore(): the system: components[0].receive is missing.',
      'a function',
    ],
    [
      'a fact by another name',
      system({ gaurdedBy: 'lock' }),
      'explore(): the system: components[0].gaurdedBy is not known. Did you mean "guardedBy"?',
      'expected guardedBy, ',
    ],
    [
      'a fact of another kind',
      system({ acquires: 'LOCK' }),
      'explore(): the system: components[0].acquires cannot be "LOCK".',
      'a list of message types',
    ],
    [
      'a lock that is tried halfway',
      system({ tried: false }),
      'explore(): the system: components[0].tried cannot be false.',
      'true',
    ],
    [
      'a wait that says nothing',
      system({ waits: () => undefined }),
      'explore(): the system: components[0].waits answers undefined.',
      'true or false',
    ],
    [
      'holders without a mode',
      system({ holders: () => ({ threads: [] }) }),
      'explore(): the system: components[0].holders answers { threads: [] }.',
      '{ threads, exclusive }',
    ],
    [
      'what nobody can read',
      system({ show: () => 'new' }),
      'explore(): the system: components[0].show answers "new".',
      '{ state, data }',
    ],
    ['a world without actors', { ...world, actors: null }, 'The world: actors cannot be null.', 'a list of actors'],
    [
      'an actor without a machine',
      { ...world, actors: [{ id: 'a', input: {} }] },
      'The world: actors[0].machine is missing.',
      'a machine of XState',
    ],
    [
      'an actor’s fact by another name',
      { ...world, actors: [{ ...world.actors[0], lockclass: 'x' }] },
      'The world: actors[0].lockclass is not known. Did you mean "lockClass"?',
      'id, machine, input',
    ],
  ]
  test.each(rows)('%s', async (_, subject, fact, expected) => {
    expect(await refused(explore(subject as System))).toEqual(saying(fact, expected))
  })

  test('a machine that wants no input is given none', async () => {
    const machine = setup({}).createMachine({ id: 'd', initial: 's', states: { s: { type: 'final' } } })
    const { states } = await explore({ name: 'w', actors: [{ id: 'd', machine }], start: [], view: () => ({}) })
    expect(states).toBe(1)
  })

  test('what is not explored is not accepted either', async () => {
    expect(refusalOf(() => start(undefined as never)).fact).toBe('start(): the system cannot be undefined.')
    expect(refusalOf(() => replay(42 as never, [])).fact).toBe('replay(): the system cannot be 42.')
    expect(refusalOf(() => toSystem(null as never)).fact).toBe('The world cannot be null.')
    expect(await refused(lastValueFrom(exploration(world as never, [])))).toMatchObject({
      fact: 'explore(): the system: actors is not known.',
    })
  })

  test('a component may be an instance of a class, with names of its own, as long as none is a slip', async () => {
    class Counter implements Component<number> {
      readonly id: string = 'a'
      readonly initial = 0
      readonly limit = 3
      accepts = (): boolean => true
      receive = (local: number): Outcome<number> => ({ ...done, local: Math.min(local + 1, this.limit) })
      key = String
      show = (local: number) => ({ state: `${local}`, data: {} })
      toString(): string {
        return 'a counter'
      }
    }
    class Slip extends Counter {
      wait(): boolean {
        return true
      }
    }
    const of = (one: Component) => ({ ...system(), components: [one] })
    expect(await explore(of(new Counter()))).toMatchObject({ states: 2 })
    expect(await refused(explore(of(new Slip())))).toMatchObject({
      fact: 'explore(): the system: components[0].wait is not known. Did you mean "waits"?',
    })
  })

  test('a component is part of a program, which may keep more in it', async () => {
    const made = system({ ops: ['LOCK'], table: { A: 1 }, locks: [], text: () => '' } as object)
    expect(await explore(made)).toMatchObject({ states: 2, findings: [] })
  })
})

describe('what components answer', () => {
  const sending = (message: object) => ({ receive: () => ({ ...done, sends: [{ to: 'a', message }] }) })
  const rows: readonly (readonly [string, object, string])[] = [
    ['nothing', { receive: () => undefined }, 'asked    receive(GO)\n  answered undefined\n  expected { local, sends'],
    ['later', { receive: async () => done }, 'Is a `return` missing, or is it `async`?'],
    [
      'no list',
      { receive: () => ({ ...done, sends: undefined }) },
      'where    sends is missing\n  expected a list of { to, message }',
    ],
    [
      'by another name',
      { receive: () => ({ ...done, finding: [] }) },
      'where    finding is not known\n  expected local, sends, findings',
    ],
    ['a message without a type', sending({ from: 'a' }), 'where    sends[0].message.type is missing'],
    [
      'a message in another’s name',
      sending({ type: 'X', from: 'b' }),
      'where    sends[0].message.from cannot be "b"\n  expected a',
    ],
    [
      'a finding that may be fatal',
      { receive: () => ({ ...done, findings: [{ kind: 'bug', title: 'x' }] }) },
      'where    findings[0].fatal is missing',
    ],
    ['whether it accepts: nothing', { accepts: () => undefined }, 'asked    accepts(GO)'],
    ['one key, then none', { key: (local: string) => (local === 'done' ? undefined : local) }, 'asked    key'],
  ]
  test.each(rows)('%s', async (_, more, said) => {
    await expect(explore(system(more))).rejects.toMatchObject({ problem: 'bad-component' })
    await expect(explore(system(more))).rejects.toThrow(said)
    expect(() => start(system(more)).settle().steps()).toThrow(said)
    expect(() => replay(system(more), [0])).toThrow(said)
  })
})

describe('runs', () => {
  const report = { system: 'x', exhaustive: true, properties: [], findings: [], lockOrder: [] } as unknown as Report
  const refusals: readonly (readonly [string, () => unknown, string])[] = [
    ['a seed that is none', () => random('x' as never), 'random() cannot be given "x".'],
    ['a seed below zero', () => random(-1), 'random() cannot be given -1.'],
    [
      'a plan by other names',
      () => pct(1, { preemption: 1, steps: 1 } as never),
      'pct(): plan.preemption is not known. Did you mean "preemptions"?',
    ],
    [
      'a plan without end',
      () => pct(1, { preemptions: 1e12, steps: 1 }),
      'pct(): plan.preemptions cannot be 1000000000000.',
    ],
    ['a schedule that is none', () => replaying('0.1' as never), 'replaying() cannot be given "0.1".'],
    ['a choice that is none', () => replaying([0, -1]), 'replaying(): [1] cannot be -1.'],
    ['nobody who chooses', () => interactive([0] as never), 'interactive() cannot be given [ 0 ].'],
    ['no strategy', () => live(world, undefined as never), 'live(): strategy is missing.'],
    ['a seed for a strategy', () => live(world, 5 as never), 'live(): strategy cannot be 5.'],
    [
      'a pace',
      () => live(world, roundRobin(), { pace: 'turn' as never }),
      'live(): how.pace cannot be "turn". Did you mean "turns"?',
    ],
    ['a system without actors', () => live(system() as never, roundRobin()), 'live(): world.fingerprint is not known.'],
    ['a schedule of half a step', () => replay(world, [0.5]), 'replay(): schedule[0] cannot be 0.5.'],
    ['a schedule that is text', () => replay(world, '0.1y' as never), 'replay(): schedule cannot be "0.1y".'],
    ['no number of steps', () => start(world).settle(NaN), 'settle() cannot be given NaN.'],
    [
      'a report that was not waited for',
      () => assertHolds(explore(world) as never),
      'assertHolds() cannot be given a Promise.',
    ],
    [
      'nothing that is violated',
      () => assertViolates(report, undefined as never),
      'assertViolates(): the name cannot be undefined.',
    ],
    ['another report', () => assertConforms(report as never), 'assertConforms(): verdict is missing.'],
    [
      'half a report',
      () => assertHolds({ ...report, exhaustive: 1 } as never),
      'assertHolds(): exhaustive cannot be 1.',
    ],
    [
      'a verdict that there is not',
      () => assertHolds({ ...report, properties: [{ name: 'x', kind: 'always', verdict: 'hold' }] } as never),
      'assertHolds(): properties[0].verdict cannot be "hold". Did you mean "holds"?',
    ],
    [
      'a run that is none',
      () => lockdep({ steps: [null], threads: {}, locks: {} } as never),
      'lockdep(): steps[0] cannot be null.',
    ],
    ['a report for a run', () => sanitizer(report as never), 'sanitizer(): steps is missing.'],
    ['no way to runs', () => lockdepOf(report, undefined as never), 'lockdepOf(): traceOf cannot be undefined.'],
  ]
  test.each(refusals)('%s', (_, attempt, fact) => {
    expect(refusalOf(attempt).fact).toBe(fact)
  })

  test('streams of choices are accepted from whoever makes them', () => {
    expect(() => interactive(EMPTY)).not.toThrow()
  })
})
