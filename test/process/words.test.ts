/** A run of XState actors is told in the words of those who wrote them: no name of theirs is taken for a word of the kernel's. */
import { expect, test } from 'vitest'
import { assign, emit, fromPromise, sendTo, setup, type AnyActorLogic } from 'xstate'
import { explore as exploreSystem } from '../../explore/index.ts'
import { replay } from '../../explore/runs/replay.ts'
import { always, system, type Outside } from '../../process/index.ts'
import { scenarioOfActors } from '../../process/scenario.ts'
import { wrongIn } from '../../report/sides.ts'
import { makePage } from '../../report/style.ts'
import { tellRun } from '../../report/text.ts'

/** The run that breaks the first claim. */
const told = async (
  logic: AnyActorLogic,
  outside: Outside,
  { all = false, list = false } = {},
): Promise<readonly string[]> => {
  const scenario = scenarioOfActors(system(logic, outside))!
  const explored = scenario.system(scenario.choices.default)
  const { properties } = await exploreSystem(explored, outside.properties, { within: { states: 500 } })
  const { schedule, depth } = properties[0]!
  const wrong = { what: 'property', kind: 'always', name: properties[0]!.name, at: depth! } as const
  const run = replay(explored, schedule!)
  const lines = tellRun(run, makePage({ columns: 80 }), { wrong: wrongIn(run) ?? wrong, all, list, intro: 'The run' })
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  return lines.slice(2, lines.indexOf('', 2))
}

const worker = (types: readonly string[]) =>
  setup({}).createMachine({
    id: 'worker',
    context: { n: 0 },
    on: Object.fromEntries(types.map((type) => [type, { actions: assign({ n: 1 }) }])),
  })

const boss = (types: readonly string[], names: readonly string[]): AnyActorLogic =>
  setup({ actors: { worker: worker(types) } }).createMachine({
    id: 'boss',
    invoke: names.map((id) => ({ src: 'worker' as const, id })),
    on: Object.fromEntries(
      types.map((type) => [type, { actions: names.map((name) => sendTo(name, ({ event }) => event)) }]),
    ),
  }) as unknown as AnyActorLogic

test.each([
  ...['LOCK', 'UNLOCK', 'TRYLOCK', 'DOWN_READ', 'UP_WRITE', 'READ', 'WRITE', 'GO', 'START', 'CALL', 'RETURN'],
  ...['CHECK', 'NOTIFY', 'current', 'fdget'],
])('an event %s is called so, whatever its actors are called', async (type) => {
  for (const name of ['env', 'type1', 'iommu.lock', 'mm0', 'user']) {
    const properties = [always('not heard', (w) => w.actor(name)?.context.n === 0)]
    const lines = await told(boss([type], [name]), { events: [type], properties }, { list: true })
    const outside = name === 'user' ? 'outside' : 'user'
    expect(lines.map((line) => line.replace(/\s+/g, ' ').trim())).toEqual([
      `1 ${outside}: ${type} at boss`,
      `2 ① boss: ${type} at ${name} ● n 0 → 1`,
    ])
  }
})

test('of an event all fields are told, whatever they are called', async () => {
  const fields = {
    ...{
      task: 'milk',
      in: 'a shop',
      site: 's',
      says: 'hi',
      quiet: true,
      caller: 'me',
      mm: 'm',
      do: 'lock',
      from: 'a1',
    },
    ...{ iova: 1n, size: null, nb: 'x', device: 'x', ret: 0, dma: null, isOpen: false, empty: '' },
    ...{ pointer: { id: 'a', gen: 1 }, upload: { file: 'f', kind: 'k' }, list: [null, 'b'], most: 2 ** 53 - 1 },
  }
  const properties = [always('not heard', (w) => w.actor('w')?.context.n === 0)]
  const lines = await told(boss(['ADD'], ['w']), { events: [{ type: 'ADD', ...fields }], properties }, { list: true })
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(
    'user: ADD at boss task milk in a shop site s says hi quiet caller me mm m do lock iova 1n size null nb x device x ret 0 ' +
      'dma null isOpen false empty "" pointer {id a, gen 1} upload {file f, kind k} list [null, b] most 9007199254740991 event.from a1',
  )
})

test('values in contexts are told as they are written', async () => {
  const values: readonly (readonly [before: unknown, after: unknown, said: string])[] = [
    [null, undefined, 'null → undefined'],
    [1n, 255n, '1n → 255n'],
    ['', 'x', '"" → x'],
    [0, -0, '0 → -0'],
    [Number.NaN, Infinity, 'NaN → Infinity'],
    [0, Number.MAX_SAFE_INTEGER, '0 → 9007199254740991'],
    ['x', 'long '.repeat(20), `x → "${'long '.repeat(12)}lo… (100 long)`],
    [new Date(0), new Date(1), '1970-01-01T00:00:00.000Z → 1970-01-01T00:00:00.001Z'],
    [[1], [1, null], '+= null'],
    [new Set(['a']), new Set(['b']), '−= a'],
    [[{ id: 7, isDone: false }], [{ id: 7, isDone: true }], '7 isDone false → true'],
    [{ id: 'a', gen: 1 }, { id: 'a', gen: 2 }, 'gen 1 → 2'],
    [new Map([['k', 1]]), new Map([['k', 2]]), 'k 1 → 2'],
    [new Error('one'), new TypeError('two'), 'Error: one → TypeError: two'],
  ]
  for (const [before, after, said] of values) {
    const machine = setup({}).createMachine({
      id: 'm',
      context: { v: before, isThere: true },
      on: { GO: { actions: assign({ v: () => after, isThere: false }) } },
    })
    const lines = await told(machine, { properties: [always('there', (w) => w.root.context.isThere)] }, { all: true })
    expect(lines.join(' ').replace(/[│\s]+/g, ' ')).toContain(said)
  }
})

test('what custom actions were called with is told beside all that changed, and --all tells every change', async () => {
  const machine = setup({
    actors: { save: fromPromise(async () => {}) },
    actions: {
      track: (given: unknown, params: { readonly page: string; readonly size: bigint }) => void [given, params],
    },
  }).createMachine({
    id: 'm',
    initial: 'a',
    context: { a: 0, b: 0, c: 0 },
    states: {
      a: {
        on: {
          GO: {
            target: 'b',
            actions: [
              assign({ a: 1, b: 1, c: 1 }),
              { type: 'track', params: ({ context }) => ({ page: 'p', size: BigInt(context.a) }) },
              () => {},
            ],
          },
        },
      },
      b: {},
    },
  })
  const properties = [always('in a', (w) => w.root.matches('a'))]
  const calls = ['● m calls track {"page":"p","size":"1n"}', '● m calls a function']
  const drawn = (lines: readonly string[]) => lines.slice(1).map((line) => line.slice(8).trim().replace(/^│ +/, ''))
  const step = ['├────────── GO ──────────►│', '● state a → b']
  expect(drawn(await told(machine, { properties }))).toEqual([...step, '● a 0 → 1 (+2 more)', ...calls])
  expect(drawn(await told(machine, { properties }, { all: true }))).toEqual([
    ...step,
    ...['● a 0 → 1', '● b 0 → 1', '● c 0 → 1'],
    ...calls,
  ])
})

test('what is emitted is told, with what is in it', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    context: { n: 0 },
    on: { GO: { actions: [assign({ n: 1 }), emit({ type: 'said', to: 'all' } as never)] } },
  })
  const lines = await told(machine, { properties: [always('none', (w) => w.root.context.n === 0)] })
  expect(lines.at(-1)!.trim().replace(/^│ +/, '')).toBe('● m emits said {"to":"all"}')
})
