/** What may be handed to the checker: systems, components, properties and options, told for whoever has no compiler. */
import { insist, problemsIn, shown as brief } from '../shapes/insist.ts'
import {
  anything,
  atLeast,
  byName,
  callable,
  either,
  flag,
  listOf,
  members,
  name,
  oneOf,
  optional,
  record,
  recordOrInstance,
  such,
  text,
  that,
  u32,
  whole,
  type Broken,
  type FieldsOf,
  type Shape,
} from '../shapes/shape.ts'
import {
  bareSearches,
  strategyOf,
  type Directed,
  type ExploreOptions,
  type Raised,
  type SampledByNumber,
  type Seeded,
  type Stateless,
} from './options.ts'
import type { Checkpoints } from './several/checkpoint.ts'
import type { MemoryBound } from './spill/bound.ts'
import type { Help } from './parallel/crew.ts'
import type { ReplayOptions } from './runs/replay.ts'
import type { Inversions, Schedule } from './outcome/report.ts'
import type {
  Component,
  Count,
  Finding,
  HeapObject,
  Holders,
  Marked,
  Memory,
  MemoryOrder,
  Message,
  Nesting,
  Note,
  Orders,
  Outcome,
  Property,
  Send,
  Shown,
  System,
  WaitType,
  WaitTypes,
} from './system.ts'
import { toChooseFrom } from '../shapes/nearest.ts'

/** `when` and `finding` are of claims about every state: elsewhere they would be passed over. */
const onlyAlways = ({ kind, when, finding, step }: Property): Broken | undefined => {
  if (kind === 'always') return undefined
  const field =
    when !== undefined ? 'when' : finding !== undefined ? 'finding' : step !== undefined ? 'step' : undefined
  return field && { at: [field], expected: 'nothing: only `always` has it', fault: `is nothing that \`${kind}\` has` }
}

const property: Shape<Property> = such(
  record<Property>({
    kind: oneOf(['always', 'sometimes', 'eventually']),
    name: name('a name: a sentence that can be true'),
    holds: callable('a function of the view that answers true or false'),
    when: optional(callable('a function of the view that answers true or false')),
    step: optional(callable('a function of the views before and after a step that answers true or false')),
    finding: optional(name('the kind of a finding')),
  }),
  onlyAlways,
)

/** A report, and whoever asks for one of them, tells properties by their names. */
const namesApart = (properties: readonly Property[]): Broken | undefined => {
  const names = properties.map(({ name }) => name)
  const again = names.findIndex((name, index) => names.indexOf(name) < index)
  return again < 0
    ? undefined
    : {
        at: [again, 'name'],
        fault: `is that of [${names.indexOf(names[again]!)}], too: "${names[again]}"`,
        expected: 'a name of its own',
      }
}

export const propertiesShape: Shape<readonly Property[]> = such(listOf('a list of properties', property), namesApart)

const seed = optional(u32)
const sampled = { seed: u32, runs: whole(1) }
const byNumber = { ...sampled, first: optional(whole(0)) }
const raised = record<Raised>({ seed, most: optional(whole(0)) })

/** What there is to say of each search that has a name. */
const searchShapes: Readonly<Record<string, Shape<any>>> = {
  depth: record<Seeded>({ seed }),
  deepening: record<Seeded>({ seed }),
  preemptions: raised,
  delays: raised,
  directed: record<Directed>({
    seed,
    goal: name('the name of a property'),
    distance: optional(callable('a function of the view that answers how far it is')),
  }),
  dpor: record<Stateless>({ runs: optional(whole(1)) }),
  random: record<SampledByNumber>(byNumber),
  pct: record<SampledByNumber & { readonly preemptions: number }>({ ...byNumber, preemptions: whole(0, 1000) }),
  pos: record<SampledByNumber>(byNumber),
  coverage: record<SampledByNumber>(byNumber),
}

const searches = "'breadth', { random: { seed, runs } } or another search"

const nothing = that<any>(searches, () => false)
/** Of no kind: the names that there are. */
const named = (names: readonly string[]) =>
  record<any>(Object.fromEntries(names.map((each) => [each, anything])), searches)
const singles = Object.keys(searchShapes)
const bare: readonly string[] = ['breadth', ...bareSearches]

const searchAmong = (more: Readonly<Record<string, Shape<any>>>): Shape<any> =>
  either<any>(searches, (given) => {
    if (typeof given === 'string') return oneOf(bare)
    const names = typeof given === 'object' && given !== null ? Object.keys(given) : []
    const shapes = { ...searchShapes, ...more }
    const of = Object.keys(shapes).find((each) => names.includes(each))
    if (of !== undefined) return record<object>({ [of]: shapes[of]! } as object as FieldsOf<object>)
    return names.length > 0 ? named([...singles, ...Object.keys(more)]) : nothing
  })

const search = searchAmong({
  portfolio: such(listOf('a list of searches', searchAmong({})), (given) =>
    given.length > 0 ? undefined : { at: [], fault: 'is empty', expected: 'one search at least' },
  ),
})

const bound = whole(0)

/** More threads than that wait for each other. */
const mostWorkers = 64
const ignored = optional(oneOf(['show', 'fail']))

/** Which inversions of the order of locks count. */
export const inversions = optional(oneOf<Inversions>(['all', 'confirmed']))

const schedule = either<Schedule | readonly string[]>('a schedule: a list of numbers, or of names of steps', (given) =>
  Array.isArray(given) && typeof given[0] === 'string'
    ? listOf('names of steps', name())
    : listOf('a schedule: a list of numbers, or of names of steps', bound),
)

export const orderShape = listOf(
  'a list of orders',
  listOf('names of steps, each of which comes before the next', name('`from → to TYPE`')),
)

const options = record<ExploreOptions>({
  search: optional(search),
  after: optional(schedule),
  order: optional(orderShape),
  within: optional(
    record<NonNullable<ExploreOptions['within']>>({
      states: optional(bound),
      depth: optional(bound),
      ms: optional(bound),
    }),
  ),
  symmetry: optional(flag),
  reduction: optional(either('true, false or a rule', (given) => (typeof given === 'function' ? callable() : flag))),
  stopAtFirst: optional(flag),
  ignored,
  inversions,
  shortest: optional(flag),
  signal: optional(
    that<AbortSignal>(
      'the signal of an AbortController',
      (given) => typeof given === 'object' && given !== null && 'aborted' in given,
    ),
  ),
  checkpoint: optional(
    that<Checkpoints>(
      'what checkpointIn(folder) answers',
      (given) => typeof given === 'object' && given !== null && 'read' in given && 'isDue' in given && 'write' in given,
    ),
  ),
  workers: optional(
    either('a number of threads', (given) =>
      typeof given === 'object'
        ? that<Help>('who helps', (help) => help !== null && 'team' in (help as object))
        : whole(1, mostWorkers),
    ),
  ),
  memory: optional(
    either('a number of bytes, or what memoryWithin(bytes) answers', (given) =>
      typeof given === 'object'
        ? that<MemoryBound>(
            'what memoryWithin(bytes) answers',
            (memory) => memory !== null && 'isShort' in (memory as object),
          )
        : whole(1, Number.MAX_SAFE_INTEGER),
    ),
  ),
  estimate: optional(flag),
  onFinal: optional(callable()),
  onTaken: optional(callable()),
})

/** Where the cheapest or the nearest comes first, what is met first is not what is nearest to the start: a bound of steps would leave out more than it says. */
const depthFits = ({ search = 'breadth', within }: ExploreOptions): Broken | undefined => {
  const all = typeof search === 'object' && 'portfolio' in search ? search.portfolio : [search]
  const unfit = all.map(strategyOf).find((each) => ['preemptions', 'delays', 'directed'].includes(each))
  return within?.depth === undefined || unfit === undefined
    ? undefined
    : { at: ['within', 'depth'], fault: `is nothing that the search "${unfit}" keeps to`, expected: 'no depth' }
}

/** Only what breadth first has stored can be kept; what was told already is not told again. */
const canBeKept = ({ search = 'breadth', checkpoint, onFinal }: ExploreOptions): Broken | undefined => {
  if (checkpoint === undefined) return undefined
  if (search !== 'breadth')
    return {
      at: ['checkpoint'],
      fault: `is nothing for the search "${strategyOf(search)}"`,
      expected: "search: 'breadth'",
    }
  return onFinal && { at: ['onFinal'], fault: 'cannot be told all beside `checkpoint`', expected: 'one of them' }
}

/** Others can look ahead where states come in the order of their numbers. */
const canBeHelped = ({ search = 'breadth', workers }: ExploreOptions): Broken | undefined =>
  workers === undefined || search === 'breadth'
    ? undefined
    : {
        at: ['workers'],
        fault: `is nothing for the search "${strategyOf(search)}"`,
        expected: "search: 'breadth'",
      }

/** Where states come in the order of their numbers, they can be put on a disk. */
const canBeBounded = ({ search = 'breadth', memory }: ExploreOptions): Broken | undefined =>
  memory === undefined || search === 'breadth'
    ? undefined
    : { at: ['memory'], fault: `is nothing for the search "${strategyOf(search)}"`, expected: "search: 'breadth'" }

/** A goal is one of the properties. */
const goalIsThere = ({ properties, options: { search } }: Given): Broken | undefined => {
  const all =
    search === undefined || typeof search === 'string' ? [] : 'portfolio' in search ? search.portfolio : [search]
  const goals = all.flatMap((each) => (typeof each === 'object' && 'directed' in each ? each.directed.goal : []))
  const known = properties.flatMap(({ kind, name, step }) => (kind === 'eventually' || step ? [] : name))
  const missing = goals.find((goal) => !known.includes(goal))
  return missing === undefined
    ? undefined
    : {
        at: ['options', 'search'],
        fault: `has a goal that is no \`always\` or \`sometimes\` of this system: "${missing}"`,
        expected: known.length === 0 ? 'another search: there are none' : `one of ${known.join(', ')}`,
      }
}

interface Given {
  readonly properties: readonly Property[]
  readonly options: ExploreOptions
}

/** What a search is given besides its system. */
export const searchShape = such(
  record<Given>({
    properties: propertiesShape,
    options: such(such(such(such(options, depthFits), canBeKept), canBeHelped), canBeBounded),
  }),
  goalIsThere,
)

const yes = that<true>('true', (given) => given === true)
/** What is replayed. */
export const replayShape = record<{ readonly schedule: Schedule | readonly string[]; readonly options: ReplayOptions }>(
  {
    schedule,
    options: record<ReplayOptions>({ ignored, order: optional(orderShape) }),
  },
)

const names = (of: string) => listOf(of, name())
const messageTypes = names('a list of message types')

const memoryOrder = oneOf<MemoryOrder>(['release', 'acquire', 'both', 'full'])

const waitTypeOf = oneOf<WaitType>(['raw', 'spin', 'sleep'])

export const componentFields: FieldsOf<Component> = {
  id: name('a name: the id of the component'),
  initial: anything,
  accepts: callable(),
  receive: callable(),
  confirm: optional(callable()),
  offers: optional(callable()),
  key: callable(),
  show: callable(),
  waits: optional(callable()),
  rests: optional(callable()),
  thread: optional(name('the name of a thread')),
  lockClass: optional(name('the class of a lock')),
  acquires: optional(messageTypes),
  holders: optional(callable()),
  nest: optional(record<Nesting>({ rule: name('a rule in words'), after: names('a list of ids') })),
  tried: optional(yes),
  awaited: optional(oneOf(['any', 'all'])),
  waitType: optional(record<WaitTypes>({ outer: optional(waitTypeOf), inner: waitTypeOf })),
  runsIn: optional(oneOf(['(hardirq)', '(softirq)'])),
  endedBy: optional(callable()),
  owes: optional(callable()),
  heap: optional(callable()),
  leadsTo: optional(callable()),
  log: optional(callable()),
  guardedBy: optional(name('the id of a lock')),
  unguarded: optional(messageTypes),
  hears: optional(callable()),
  orders: optional(
    record<Orders>({
      releases: optional(messageTypes),
      acquires: optional(messageTypes),
      relaxed: optional(messageTypes),
      sections: optional(yes),
      fences: optional(byName('barriers by message type', oneOf(['release', 'acquire', 'full']))),
    }),
  ),
}

/** A message from whoever may send it; its other fields are its own. */
const sendFrom = (from: Shape<string>) => {
  const message = atLeast<Pick<Message, 'type' | 'from'>>(
    { type: name('the type of a message'), from },
    'a message: { type, from, … }',
  )
  return record<Send>({
    to: name('the id of a component'),
    message: either<Message>(message.expected, () => message),
  })
}

const finding = record<Finding>({
  kind: name('a kind of finding'),
  title: name('a title'),
  fatal: flag,
  object: optional(text),
  detail: optional(text),
  cycle: optional(names('a list of classes')),
  context: optional(record<NonNullable<Finding['context']>>({ from: name(), to: name() })),
  against: optional(whole(1)),
})
const integer = whole(Number.MIN_SAFE_INTEGER)
const memory = record<Memory>({
  act: oneOf(['alloc', 'free', 'use', 'count']),
  object: name('the name of an object'),
  cache: name('the name of a cache'),
  site: optional(text),
  live: flag,
  access: optional(oneOf(['read', 'write', 'read-write'])),
  marked: optional(
    either<Marked>('true, false or `to readers`', (given) =>
      typeof given === 'string' ? oneOf(['to readers']) : flag,
    ),
  ),
  bytes: optional(whole(1)),
  order: optional(memoryOrder),
  field: optional(text),
  count: optional(
    record<Count>({ field: text, from: integer, by: integer, title: optional(text), untested: optional(yes) }),
  ),
  what: optional(text),
  detail: optional(text),
})
const note = record<Note>({ object: name('the name of an object'), what: text })

/** What the component `from` may answer to a message. */
export const outcomeShape = (from: string): Shape<Outcome> =>
  record<Outcome>(
    {
      local: anything,
      sends: listOf('a list of { to, message }', sendFrom(oneOf([from]))),
      findings: listOf('a list of findings', finding),
      notes: listOf('a list of { object, what }', note),
      memory: optional(listOf('a list of observations of memory', memory)),
      ignored: flag,
    },
    '{ local, sends: [], findings: [], notes: [], ignored: false }',
  )

const shown = record<Shown>({
  state: text,
  data: that('a record', (given) => typeof given === 'object' && given !== null),
})
const holders = record<Holders>({ threads: names('a list of threads'), exclusive: flag })
const heapObject = record<HeapObject>({ object: name(), cache: name(), leadsTo: names('a list of objects') })

const answers: Readonly<Partial<Record<keyof Component, Shape<any>>>> = {
  show: shown,
  waits: flag,
  rests: flag,
  holders,
  owes: names('a list of ids'),
  heap: listOf('a list of objects', heapObject),
  leadsTo: names('a list of objects'),
}

/** Each question is put once, about the local state at the start. */
const answersFit = (component: Component): Broken | undefined => {
  for (const [question, shape] of Object.entries(answers)) {
    if (!(question in component) || component[question as keyof Component] === undefined) continue
    const answer = (component as unknown as Readonly<Record<string, (local: unknown) => unknown>>)[question]!(
      component.initial,
    )
    const [problem] = problemsIn(shape, answer)
    if (problem) return { at: [question], fault: `answers ${brief(answer)}`, expected: shape.expected }
  }
  return undefined
}

export const componentShape = such(
  members<Component>(componentFields, 'a component: { id, initial, accepts, receive, key, show, … }'),
  answersFit,
)

export const startShape = listOf('a list of { to, message }', sendFrom(name('who sends it')))

const isPlain = (given: unknown): boolean => typeof given === 'string' && /^[0-9a-zA-Z]+$/.test(given)

/** Claims about locks that are not there hold of nothing. */
const locksAreThere = ({ components }: System): Broken | undefined => {
  const known = components.map(({ id }) => id)
  for (const [index, { guardedBy, nest }] of components.entries()) {
    const at = ['components', index]
    const expected = `the id of a component: ${toChooseFrom(known)}`
    if (guardedBy !== undefined && !known.includes(guardedBy)) return { at: [...at, 'guardedBy'], expected, known }
    const nobody = nest?.after.findIndex((id) => !known.includes(id)) ?? -1
    if (nobody >= 0) return { at: [...at, 'nest', 'after', nobody], expected, known }
  }
  return undefined
}

const systemFields = recordOrInstance<System>(
  {
    name: name(),
    fingerprint: that('letters and digits, which stand in addresses and change with the model', isPlain),
    components: listOf('a list of components', componentShape),
    start: startShape,
    view: callable('a function of `read`'),
    besides: optional(callable('a function of a report')),
    tell: optional(callable('a function of a run')),
    order: optional(
      that(
        'what a search makes of an order',
        (given) => typeof given === 'object' && given !== null && 'came' in given,
      ),
    ),
    forEver: optional(callable('a function')),
    endless: optional(callable('a function')),
    numbered: optional(callable('a function')),
    folded: optional(callable('a function')),
  },
  'a system: { name, fingerprint, components, start, view }',
)

export const systemShape: Shape<System> = such(systemFields, locksAreThere)

const right = new WeakSet<object>()

/** Throws a ModelError when it is no system; once it is known to be one, that is remembered. */
export function insistOnSystem(system: unknown, what = 'The system'): asserts system is System {
  if (typeof system === 'object' && system !== null && right.has(system)) return
  insist(systemShape, system, what)
  right.add(system)
}

/** Of a system made by ourselves everything is known to be right. */
export const isRight = <S extends System<any>>(system: S): S => {
  right.add(system)
  return system
}
