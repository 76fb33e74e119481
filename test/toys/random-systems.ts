/**
 * Random systems of threads, locks and objects whose answers are drawn from a hat: objects that defer, ignore, warn, crash, post to each
 * other and owe answers; locks that are shared, tried, forgotten or claimed in vain. Most of what they claim is true, some of it only just
 * not. A description is plain data, so that it prints.
 */
import fc from 'fast-check'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Component, Finding, Memory, Property, System } from '../../explore/system.ts'
import { begin, component, type Handled } from './component.ts'
import { mutex, rwsem, triedMutex } from './objects.ts'
import { thread, type Op, type Thread } from './thread.ts'

const requests = ['A', 'B', 'R'] as const
type Request = (typeof requests)[number]

/** What an object does with one request in one of its states. */
interface Cell {
  readonly does: 'answers' | 'defers'
  readonly next: number
  readonly value: number
  readonly says: 'nothing' | 'warns' | 'crashes' | 'allocates'
  /** The number of the object it writes to besides; itself: nobody. */
  readonly posts: number | null
}

interface ObjectDescription {
  /**
   * `table` does as its cells say; `book` remembers who was there, and warns of one at one moment; `desk` takes a request, and answers it when
   * the next one comes.
   */
  readonly is: 'table' | 'book' | 'desk'
  /** By state, then by request: R leaves the state as it is. */
  readonly cells: readonly (readonly Cell[])[]
  /** What a message posted by another object does, by state. */
  readonly posted: readonly { readonly next: number; readonly warns: boolean; readonly ignored: boolean }[]
  readonly guard: number | null
  readonly unguarded: readonly Request[]
  readonly last: number
  readonly others: number
}

interface Access {
  readonly request: number
  /** Only after an answer of this value. */
  readonly after: number | null
  /** Another object than the one that the section is about. */
  readonly elsewhere: number | null
}

interface Section {
  readonly object: number
  readonly accesses: readonly Access[]
  /** The lock that the object claims, unless it is forgotten; a second one inside makes lock order. */
  readonly takes: 'its lock' | 'no lock' | 'any lock'
  readonly mode: 'exclusive' | 'shared' | 'try'
  readonly lock: number
  readonly inside: number | null
  /** Does not give back what it took first, or gives back what it has not taken. */
  readonly slip: 'forgets' | 'stray' | null
}

export interface RandomSystem {
  readonly locks: readonly ('mutex' | 'tried' | 'rwsem')[]
  readonly objects: readonly ObjectDescription[]
  readonly scripts: readonly (readonly Section[])[]
  readonly properties: readonly PropertyDescription[]
}

interface PropertyDescription {
  readonly kind: 'always' | 'sometimes' | 'eventually'
  /** Components by number, threads first, and where they are. */
  readonly one: number
  readonly other: number
  readonly at: number
  readonly otherAt: number
  readonly is: 'one is there' | 'both are there' | 'not both are there'
  readonly when: number | null
}

const sizes = 3
const oneIn = (count: number): fc.Arbitrary<boolean> => fc.nat(count - 1).map((number) => number === 1)
/** Mostly not. */
const seldom = <T>(one: fc.Arbitrary<T>, oneOf: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: oneOf - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: one })

const cell = (state: number, request: Request): fc.Arbitrary<Cell> =>
  fc.record({
    does: fc.oneof(
      { weight: 12, arbitrary: fc.constant('answers' as const) },
      { weight: 1, arbitrary: fc.constant('defers' as const) },
    ),
    next: request === 'R' ? fc.constant(state) : fc.oneof(fc.constant(state), fc.nat(sizes - 1)),
    value: fc.oneof({ weight: 2, arbitrary: fc.constant(state) }, { weight: 1, arbitrary: fc.nat(1) }),
    says: fc.oneof(
      { weight: 16, arbitrary: fc.constant('nothing' as const) },
      { weight: 2, arbitrary: fc.constant('warns' as const) },
      { weight: 1, arbitrary: fc.constantFrom('crashes' as const, 'allocates' as const) },
    ),
    posts: seldom(fc.nat(2), 12),
  })

const object: fc.Arbitrary<ObjectDescription> = fc.record({
  is: fc.constantFrom<ObjectDescription['is'][]>('table', 'table', 'table', 'book', 'desk'),
  cells: fc.tuple(
    ...Array.from({ length: sizes }, (_, state) => fc.tuple(...requests.map((request) => cell(state, request)))),
  ),
  posted: fc.array(fc.record({ next: fc.nat(sizes - 1), warns: oneIn(6), ignored: oneIn(8) }), {
    minLength: sizes,
    maxLength: sizes,
  }),
  guard: fc.option(fc.nat(1), { freq: 3 }),
  unguarded: fc.constantFrom<readonly Request[]>([], [], ['R'], ['R', 'A']),
  last: fc.nat(2),
  others: fc.nat(7),
})

const section = (careful: number): fc.Arbitrary<Section> =>
  fc.record({
    object: fc.nat(2),
    accesses: fc.array(
      fc.record({ request: fc.nat(2), after: seldom(fc.nat(1), 5), elsewhere: seldom(fc.nat(2), careful) }),
      { minLength: 1, maxLength: 3 },
    ),
    takes: fc.oneof(
      { weight: careful, arbitrary: fc.constant('its lock' as const) },
      { weight: 1, arbitrary: fc.constantFrom('no lock' as const, 'any lock' as const) },
    ),
    mode: fc.constantFrom('exclusive', 'exclusive', 'shared', 'try'),
    lock: fc.nat(1),
    inside: seldom(fc.nat(1), 6),
    slip: seldom(fc.constantFrom<('forgets' | 'stray')[]>('forgets', 'stray'), 16),
  })

const property: fc.Arbitrary<PropertyDescription> = fc.record({
  kind: fc.constantFrom('always', 'sometimes', 'sometimes', 'eventually'),
  one: fc.nat(7),
  other: fc.nat(7),
  at: fc.nat(3),
  otherAt: fc.nat(3),
  is: fc.constantFrom('one is there', 'both are there', 'not both are there'),
  when: fc.option(fc.nat(2), { freq: 2 }),
})

export const randomSystems: fc.Arbitrary<RandomSystem> = fc
  .record({ careful: fc.constantFrom(3, 12, 12), threads: fc.constantFrom(2, 2, 3), long: fc.constantFrom(1, 2) })
  .chain(({ careful, threads, long }) =>
    fc.record({
      locks: fc.array(fc.constantFrom<RandomSystem['locks'][number][]>('mutex', 'tried', 'rwsem'), {
        minLength: 2,
        maxLength: 2,
      }),
      objects: fc.array(object, { minLength: 1, maxLength: 3 }),
      scripts: fc.array(fc.array(section(careful), { minLength: 1, maxLength: long }), {
        minLength: threads,
        maxLength: threads,
      }),
      properties: fc.array(property, { maxLength: 3 }),
    }),
  )

interface State {
  readonly at: number
  readonly who: string
  readonly waiting: readonly string[]
}

const warn = (title: string, fatal = false): readonly Finding[] => [{ kind: fatal ? 'bug' : 'warn', title, fatal }]

const objectOf = (
  { is, cells, posted, guard, unguarded, last, others }: ObjectDescription,
  number: number,
  count: number,
): Component<State> => {
  const id = `object${number}`
  const asked =
    (request: Request) =>
    (local: State, { from, task }: { readonly from: string; readonly task?: unknown }): Handled<State> => {
      const { does, next, value, says, posts } = cells[local.at]![requests.indexOf(request)]!
      const answer = { to: from, type: 'ANSWER', value, task }
      if (is === 'book') {
        const who = [...new Set([...local.who, String(task).at(-1)!])].toSorted().join('')
        const isTheMoment = String(task) === `t${last}` && local.who === namesOf(others)
        return {
          local: { ...local, who },
          sends: [{ ...answer, value: 0 }],
          findings: isTheMoment ? warn(`${id} minds`) : [],
        }
      }
      if (is === 'desk') {
        const late = local.waiting.map((to) => ({ ...answer, to, task: undefined }))
        if (request === 'A' && late.length === 0) return { local: { ...local, waiting: [from] } }
        return { local: { ...local, waiting: [] }, sends: [answer, ...late] }
      }
      if (does === 'defers') return 'defer'
      const other = posts === null ? number : posts % count
      const post = other === number ? [] : [{ to: `object${other}`, type: 'POSTED' }]
      const title = `${id} at ${local.at}: ${request}`
      const findings = says === 'warns' ? warn(title) : says === 'crashes' ? warn(title, true) : []
      return { local: { ...local, at: next }, sends: [answer, ...post], findings }
    }
  const plain = component<State>({
    id,
    initial: { at: 0, who: '', waiting: [] },
    owes: ({ waiting }) => waiting,
    ...(guard !== null && { guardedBy: lockId(guard), unguarded }),
    on: {
      ...Object.fromEntries(requests.map((request) => [request, asked(request)])),
      POSTED: (local) => {
        const { next, warns, ignored } = posted[local.at]!
        return ignored
          ? 'ignore'
          : { local: { ...local, at: next }, findings: warns ? warn(`${id} at ${local.at}: posted`) : [] }
      },
    },
  })
  const allocates = (local: State, type: string): readonly Memory[] =>
    is === 'table' && cells[local.at]![requests.indexOf(type as Request)]?.says === 'allocates'
      ? [{ act: 'alloc', object: `${id}#${local.at}`, cache: id, live: true }]
      : []
  return {
    ...plain,
    receive: (local, message) => ({ ...plain.receive(local, message), memory: allocates(local, message.type) }),
  }
}

/** Of a set of threads. */
const namesOf = (set: number): string => ['0', '1', '2'].filter((_, bit) => set & (1 << bit)).join('')

const lockId = (lock: number): string => `lock${lock}`
const lockOf = (kind: RandomSystem['locks'][number], lock: number): Component =>
  ({ mutex, tried: triedMutex, rwsem })[kind](lockId(lock))

const askFor = (kind: RandomSystem['locks'][number], mode: Section['mode']): string => {
  if (kind === 'rwsem') return mode === 'shared' ? 'DOWN_READ' : 'DOWN_WRITE'
  return kind === 'tried' && mode === 'try' ? 'TRYLOCK' : 'LOCK'
}
const giveBack: Readonly<Record<string, string>> = {
  DOWN_READ: 'UP_READ',
  DOWN_WRITE: 'UP_WRITE',
  TRYLOCK: 'UNLOCK',
  LOCK: 'UNLOCK',
}

const opsOf = ({ locks, objects }: RandomSystem, sections: readonly Section[]): readonly Op[] => {
  const ops: Op[] = []
  for (const { object: subject, accesses, takes, mode, lock, inside, slip } of sections) {
    const about = subject % objects.length
    const own = takes === 'its lock' ? objects[about]!.guard : takes === 'any lock' ? lock : null
    const held = [own, inside === own ? null : inside].flatMap((each) => each ?? [])
    const asked = held.map((each) => ({ to: lockId(each), type: askFor(locks[each]!, mode) }))
    const begin = ops.length
    ops.push(...asked)
    for (const { request, after, elsewhere } of accesses) {
      const to = `object${(elsewhere ?? about) % objects.length}`
      if (after === null) ops.push({ to, type: requests[request]!, keeps: keepValue })
      else {
        const here = ops.length
        // Asked twice only if the first answer was the right one.
        ops.push({ to, type: 'R', keeps: keepValue, goes: ({ value }) => (value === after ? here + 1 : here + 2) })
        ops.push({ to, type: requests[request]!, keeps: keepValue })
      }
    }
    const given = asked.toReversed().map(({ to, type }): Op => ({ to, type: giveBack[type]! }))
    if (slip === 'stray') ops.push({ to: lockId(lock), type: giveBack[askFor(locks[lock]!, mode)]! })
    ops.push(...(slip === 'forgets' ? given.slice(0, -1) : given))
    // Who is told that it is busy leaves the section, and gives back what was taken before.
    for (const [at, { type }] of asked.entries()) {
      if (type !== 'TRYLOCK') continue
      const leave = ops.length - at
      ops[begin + at] = { ...ops[begin + at]!, goes: (answer) => (answer.type === 'BUSY' ? leave : begin + at + 1) }
    }
  }
  return ops
}
const keepValue: NonNullable<Op['keeps']> = ({ value }, kept) => (value === undefined ? kept : { value })

type Read = (id: string) => unknown

/** Where a component is: a thread in its script, an object in its states, a lock in how many hold it. */
const placeOf = (local: unknown): number => {
  const { at, holder, readers, writer } = local as Partial<Thread> & {
    readonly holder?: string | null
    readonly readers?: readonly string[]
    readonly writer?: string | null
  }
  return at ?? (holder !== undefined ? Number(holder !== null) : readers!.length + Number(writer !== null))
}

const propertyOf = (
  { kind, one, other, at, otherAt, is, when }: PropertyDescription,
  number: number,
  { components }: Pick<System, 'components'>,
): Property<Read> => {
  const isAt = (read: Read, which: number, place: number) =>
    placeOf(read(components[which % components.length]!.id)) === place
  const holds = (read: Read): boolean => {
    const first = isAt(read, one, at)
    if (is === 'one is there') return first
    const both = first && isAt(read, other, otherAt)
    return is === 'both are there' ? both : !both
  }
  const name = `${number}: ${is}`
  if (kind === 'sometimes') return sometimes(name, holds)
  if (kind === 'eventually') return eventually(name, holds)
  return always(name, holds, {
    finding: 'wrong',
    ...(when !== null && { when: (read: Read) => placeOf(read('t0')) > when }),
  })
}

export const systemOf = (
  description: RandomSystem,
): { readonly system: System<Read>; readonly properties: readonly Property<Read>[] } => {
  const { locks, objects, scripts } = description
  const threads = scripts.map((sections, number) => thread(`t${number}`, opsOf(description, sections), { value: 0 }))
  const components = [
    ...threads,
    ...locks.map(lockOf),
    ...objects.map((each, number) => objectOf(each, number, objects.length)),
  ]
  const system: System<Read> = {
    name: 'random',
    fingerprint: 'r1',
    components,
    start: threads.map(({ id }) => begin(id)),
    view: (read) => read,
  }
  return { system, properties: description.properties.map((each, number) => propertyOf(each, number, system)) }
}
