/** Modules of the TLA+ Examples: who gets which resources, and when. */
import { lists, named, processes, put, times, upTo, world, type World } from './worlds.ts'

interface Allocation {
  readonly wants: readonly number[]
  readonly has: readonly number[]
  /** Clients in the order in which they will be served; for the allocator that schedules. */
  readonly order: readonly number[]
}

const sets = (resources: number): readonly number[] => upTo(2 ** resources).slice(1)
const freeOf = ({ has }: Allocation, resources: number): number =>
  has.reduce((free, each) => free & ~each, 2 ** resources - 1)
const isIn = (small: number, large: number): boolean => (small & ~large) === 0

const asking = (clients: number, resources: number) =>
  processes<Allocation>(clients, (c) => ({
    ...named(
      sets(resources).map((set) => [
        `ask ${set}`,
        {
          when: ({ wants, has }: Allocation) => wants[c] === 0 && has[c] === 0,
          do: ({ wants }: Allocation) => ({ wants: put(wants, c, set) }),
        },
      ]),
    ),
    ...named(
      sets(resources).map((set) => [
        `return ${set}`,
        {
          when: ({ has }: Allocation) => isIn(set, has[c]!),
          do: ({ has }: Allocation) => ({ has: put(has, c, has[c]! & ~set) }),
        },
      ]),
    ),
  }))

const granted = ({ wants, has }: Allocation, c: number, set: number) => ({
  wants: put(wants, c, wants[c]! & ~set),
  has: put(has, c, has[c]! | set),
})

const nothing = (clients: number): Allocation => ({ wants: times(clients, 0), has: times(clients, 0), order: [] })

export const simpleAllocator = (clients: number, resources: number): World<Allocation> =>
  world<Allocation>('SimpleAllocator', nothing(clients), {
    allocator: named(
      upTo(clients).flatMap((c) =>
        sets(resources).map(
          (set) =>
            [
              `grant ${c} ${set}`,
              {
                when: (state: Allocation) => isIn(set, freeOf(state, resources) & state.wants[c]!),
                do: (state: Allocation) => granted(state, c, set),
              },
            ] as const,
        ),
      ),
    ),
    ...asking(clients, resources),
  })

const orders = (of: readonly number[]): readonly (readonly number[])[] =>
  of.length === 0 ? [[]] : of.flatMap((one) => orders(of.filter((each) => each !== one)).map((rest) => [one, ...rest]))

export const schedulingAllocator = (clients: number, resources: number): World<Allocation> => {
  const subsets = lists(clients, [false, true]).map((taken) => upTo(clients).filter((c) => taken[c]))
  const waiting = ({ wants, order }: Allocation) => upTo(clients).filter((c) => wants[c] !== 0 && !order.includes(c))
  return world<Allocation>('SchedulingAllocator', nothing(clients), {
    allocator: {
      ...named(
        upTo(clients).flatMap((c) =>
          sets(resources).map(
            (set) =>
              [
                `grant ${c} ${set}`,
                {
                  when: (state: Allocation) => {
                    const before = state.order.slice(0, Math.max(0, state.order.indexOf(c)))
                    const inTurn = state.order.includes(c) && before.every((each) => (state.wants[each]! & set) === 0)
                    return inTurn && isIn(set, freeOf(state, resources) & state.wants[c]!)
                  },
                  do: (state: Allocation) => {
                    const after = granted(state, c, set)
                    return {
                      ...after,
                      order: after.wants[c] === 0 ? state.order.filter((each) => each !== c) : state.order,
                    }
                  },
                },
              ] as const,
          ),
        ),
      ),
      ...named(
        subsets
          .filter(({ length }) => length > 0)
          .flatMap(orders)
          .map((added) => [
            `schedule ${added.join(', ')}`,
            {
              when: (state: Allocation) => added.toSorted((a, b) => a - b).join() === waiting(state).join(),
              do: ({ order }: Allocation) => ({ order: [...order, ...added] }),
            },
          ]),
      ),
    },
    ...asking(clients, resources),
  })
}
