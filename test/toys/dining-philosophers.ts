/** Dijkstra's table: each takes the fork at one hand, then the other. Forks are mutexes: a held one defers. */
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { mutex, room } from './objects.ts'
import { lock, thread, unlock, type Thread } from './thread.ts'

interface View {
  readonly eating: readonly number[]
}

/** `leftHanded`: the last one takes its forks in the other order, which breaks the circle. */
export const diningPhilosophers = (count: number, options: { readonly leftHanded?: boolean } = {}): System<View> => {
  const seats = Array.from({ length: count }, (_, seat) => seat)
  const philosopher = (seat: number) => {
    const forks = [`fork${seat}`, `fork${(seat + 1) % count}`]
    const [first, second] = options.leftHanded && seat === count - 1 ? forks.toReversed() : forks
    const eat = { to: `plate${seat}`, type: 'STAY', state: 'eats' }
    return thread(`p${seat}`, [lock(first!), lock(second!), eat, unlock(second!), unlock(first!)])
  }
  return {
    name: `dining philosophers ${count}${options.leftHanded ? ', one left-handed' : ''}`,
    fingerprint: 'd1',
    components: [
      ...seats.map(philosopher),
      ...seats.map((seat) => mutex(`fork${seat}`)),
      ...seats.map((seat) => room(`plate${seat}`)),
    ],
    start: seats.map((seat) => begin(`p${seat}`)),
    view: (read) => ({ eating: seats.filter((seat) => (read(`p${seat}`) as Thread).state === 'eats') }),
  }
}

export const diningProperties = (count: number): readonly Property<View>[] => [
  always('no neighbours eat at once', ({ eating }) => !eating.some((seat) => eating.includes((seat + 1) % count))),
  sometimes('somebody eats', ({ eating }) => eating.length > 0),
]
