/** Which actors are looked at while XState takes a step, in the order in which they are; and whether the timers are, or the names in the system. */
import type { ActorSystem, Live, Scheduler } from '../inside.ts'
import type { Onlooker } from '../process.ts'

export type Touched = Live | 'timers' | 'names'

const fields = ['_snapshot', '_processingStatus'] as const

export class Touches implements Onlooker {
  #now: Set<Touched> | undefined
  #last: ReadonlySet<Touched> = new Set()
  readonly #watched = fields.map((field) => [field, this.#watching(field)] as const)

  /** From now on it is seen when this actor is looked at; with the root, when what all share is. */
  meet(actor: Live): void {
    for (const [field, how] of this.#watched) {
      const before = actor[field]
      Object.defineProperty(actor, field, how)
      Object.assign(actor, { [field]: before })
    }
    if (!actor._parent) this.#watchShared(actor.system)
  }

  during(act: () => void): void {
    this.#now = new Set()
    try {
      act()
    } finally {
      this.#last = this.#now
      this.#now = undefined
    }
  }

  /** What was looked at when somebody last did something. */
  last(): readonly Touched[] {
    return [...this.#last]
  }

  #watching(field: (typeof fields)[number]): PropertyDescriptor & ThisType<Live> {
    const held = Symbol(field)
    const touch = (actor: Live): void => void this.#now?.add(actor)
    return {
      enumerable: true,
      get() {
        touch(this)
        return (this as unknown as Record<symbol, unknown>)[held]
      },
      set(value: unknown) {
        touch(this)
        ;(this as unknown as Record<symbol, unknown>)[held] = value
      },
    }
  }

  #watchShared(system: ActorSystem): void {
    const { scheduler } = system
    const shared = { ...system }
    const touch = (what: 'timers' | 'names'): void => void this.#now?.add(what)
    const watched: Scheduler = {
      schedule(...given) {
        touch('timers')
        scheduler.schedule(...given)
      },
      cancel(...given) {
        touch('timers')
        scheduler.cancel(...given)
      },
      cancelAll(...given) {
        touch('timers')
        scheduler.cancelAll(...given)
      },
    }
    const registry: Pick<ActorSystem, '_set' | '_unregister' | 'get' | 'getAll'> = {
      _set(...given) {
        touch('names')
        shared._set(...given)
      },
      _unregister(...given) {
        touch('names')
        shared._unregister(...given)
      },
      get(...given) {
        touch('names')
        return shared.get(...given)
      },
      getAll() {
        touch('names')
        return shared.getAll()
      },
    }
    Object.assign(system, registry, { scheduler: watched })
  }
}
