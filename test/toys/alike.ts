/** Random tables of guarded commands whose processes are alike, or all but one: what they do is drawn from a hat. Plain data, so that it prints. */
import fc from 'fast-check'
import { fromCommands, type Command } from '../../explore/commands/commands.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'

interface Shared {
  /** By process: where it is, and what it remembers. */
  readonly at: readonly number[]
  readonly kept: readonly number[]
  /** By process: the number of one of them. */
  readonly points: readonly (number | null)[]
  readonly owner: number | null
  readonly queue: readonly number[]
  readonly x: number
}

const effects = ['take', 'give', 'join', 'leave', 'keep', 'count', 'point', 'copy'] as const
type Effect = (typeof effects)[number]

interface Does {
  readonly from: number
  readonly to: number
  readonly if: 'always' | 'is free' | 'is mine' | 'is first' | 'x is kept' | 'is pointed at'
  readonly effect: Effect
}

/** The last two tell who is who. */
const claims = ['x is small', 'both there', 'first there', 'owner is 0'] as const

export interface Alike {
  readonly count: number
  readonly does: readonly Does[]
  /** What the last process does otherwise, if anything. */
  readonly otherwise: Does | null
  readonly properties: readonly (typeof claims)[number][]
}

const places = 3
const does: fc.Arbitrary<Does> = fc.record({
  from: fc.nat(places - 1),
  to: fc.nat(places - 1),
  if: fc.constantFrom('always', 'is free', 'is mine', 'is first', 'x is kept', 'is pointed at'),
  effect: fc.constantFrom(...effects),
})

export const alikes: fc.Arbitrary<Alike> = fc.record({
  count: fc.constantFrom(2, 2, 3, 3, 4),
  does: fc.array(does, { minLength: 3, maxLength: 6 }),
  otherwise: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: does }),
  properties: fc.oneof(
    { weight: 4, arbitrary: fc.subarray(claims.slice(0, 2)) },
    { weight: 1, arbitrary: fc.subarray([...claims]) },
  ),
})

const put = <T>(list: readonly T[], index: number, value: T): readonly T[] =>
  list.map((each, at) => (at === index ? value : each))

const command = ({ from, to, if: guard, effect }: Does, p: number, count: number): Command<Shared> => ({
  when: ({ at, kept, points, owner, queue, x }) =>
    at[p] === from &&
    {
      always: true,
      'is free': owner === null,
      'is mine': owner === p,
      'is first': queue[0] === p,
      'x is kept': kept[p] === x,
      'is pointed at': points.includes(p),
    }[guard],
  do: (state) => ({ at: put(state.at, p, to), ...change(state, effect, p, count) }),
})

const change = ({ kept, points, owner, queue, x }: Shared, effect: Effect, p: number, count: number): Partial<Shared> =>
  ({
    take: { owner: p },
    give: { owner: queue[0] ?? null },
    join: queue.includes(p) ? {} : { queue: [...queue, p].slice(0, count) },
    leave: { queue: queue.filter((each) => each !== p) },
    keep: { kept: put(kept, p, x) },
    count: { x: (x + 1) % 3 },
    point: { points: put(points, p, owner) },
    copy: { points: put(points, p, points[queue[0] ?? p] ?? null) },
  })[effect]

export const alikeSystem = ({ count, does: all, otherwise, properties }: Alike) => {
  const processes = Array.from({ length: count }, (_, p) => `p${p}`)
  const commandsOf = (p: number) =>
    Object.fromEntries(
      all.map((each, number) => {
        const one = number === 0 && p === count - 1 ? (otherwise ?? each) : each
        return [`step ${number}`, command(one, p, count)]
      }),
    )
  const none = <T>(value: T) => Array.from({ length: count }, () => value)
  const system: System<{ readonly it: Shared }> = fromCommands<{ it: Shared }>({
    name: 'alike',
    components: {
      it: {
        start: { at: none(0), kept: none(0), points: none(null), owner: null, queue: [], x: 0 },
        processes: Object.fromEntries(processes.map((name, p) => [name, commandsOf(p)])),
        symmetric: { processes, lists: ['at', 'kept', 'points'], numbers: ['owner', 'queue.*', 'points.*'] },
        mayEnd: ({ at }) => at.every((each) => each === 0),
      },
    },
  })
  const known: Readonly<Record<Alike['properties'][number], Property<{ readonly it: Shared }>>> = {
    'x is small': always('x is small', ({ it }) => it.x < 2),
    'both there': sometimes('both there', ({ it }) => it.at.filter((each) => each === 2).length > 1),
    'first there': sometimes('first there', ({ it }) => it.at[0] === 2),
    'owner is 0': always('owner is 0', ({ it }) => it.owner === 0 || it.owner === null),
  }
  return { system, properties: properties.map((each) => known[each]) }
}

/** All states under one key that are the same by other names: the least of all texts. Written without explore/. */
export const orbitOf = ({ it }: { readonly it: Shared }): string => {
  const texts = orders(it.at.map((_, p) => p)).map((order) => {
    // order[place]: who stands there.
    const place = (p: number | null) => (p === null ? null : order.indexOf(p))
    return JSON.stringify([
      order.map((p) => [it.at[p], it.kept[p], place(it.points[p]!)]),
      place(it.owner),
      it.queue.map(place),
      it.x,
    ])
  })
  return texts.toSorted()[0]!
}

const orders = (all: readonly number[]): readonly (readonly number[])[] =>
  all.length < 2
    ? [all]
    : all.flatMap((one) => orders(all.filter((each) => each !== one)).map((rest) => [one, ...rest]))
