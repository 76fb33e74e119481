/**
 * What can be at the end of a lane: a real XState actor, a component's pure function, or a chart stepped as fast as it goes. All say and
 * show the same.
 */
import { createActor, type Actor, type AnyMachineSnapshot, type AnyStateMachine, type InspectionEvent } from 'xstate'
import { deepFreeze } from '../../explore/states/canonical.ts'
import { Distrust } from '../../explore/claims/distrust.ts'
import { ModelError } from '../../explore/errors.ts'
import type { Component, Message, Shown, System } from '../../explore/system.ts'
import type { Said } from '../../machines/say.ts'
import type { End, Utterance } from '../../streams/controller.ts'
import { comingToRest, goesOnByItself, mustObey, threw } from './chart-rules.ts'
import { mustBeSayable } from './sayable.ts'
import { sort } from './system.ts'
import type { ActorSpec, World } from '../world/world.ts'
import { accepts, kernelOf, show, type Kernel } from './xstate-kernel.ts'

/** An end whose local state can be read, so that a view can be made of all of them. */
export interface ReadableEnd extends End {
  readonly local: unknown
}

/** Whoever there is in a world. */
type Standing = Pick<World<any>, 'actors' | 'components'>

export const liveEnds = (world: Standing): readonly ReadableEnd[] => [
  ...world.actors.map((spec) => new LiveEnd(spec)),
  ...plainEnds(world),
]

export const plainEnds = ({ components = [] }: Standing): readonly ReadableEnd[] =>
  components.map((component) => new PureEnd(component))

export const pureEnds = (system: System<any>): readonly ReadableEnd[] =>
  system.components.map((component) => new PureEnd(component))

/** On the charts alone, for runs of many calls; of a large world most is never met, and what is not met is not made. */
export const steppedEnds = (world: Standing): readonly ReadableEnd[] => [
  ...world.actors.map((spec) => new SteppedEnd(spec)),
  ...plainEnds(world),
]

type MicrostepHeard = (step: InspectionEvent & { readonly type: '@xstate.microstep' }) => void

/** The actor is made when somebody first speaks to it or looks at it: a world may declare many that a run never meets. */
export class LiveEnd implements ReadableEnd {
  readonly id: string
  readonly #spec: ActorSpec
  readonly #microstep: MicrostepHeard | undefined
  readonly #listeners = new Set<(utterance: Utterance) => void>()
  #made: Actor<AnyStateMachine> | undefined
  #failure: { readonly error: unknown } | undefined
  readonly #rest: ReturnType<typeof comingToRest>

  /** `microstep` is told of each that follows from a message. */
  constructor(spec: ActorSpec, microstep?: MicrostepHeard) {
    this.id = spec.id
    this.#spec = spec
    this.#microstep = microstep
    this.#rest = comingToRest(spec.machine.id)
  }

  get local(): AnyMachineSnapshot {
    return this.#actor().getSnapshot() as AnyMachineSnapshot
  }

  accepts(message: Message): boolean {
    return accepts(this.local, message)
  }

  hear(message: Message): boolean {
    const before = this.local
    this.#rest.begins()
    this.#actor().send(deepFreeze(message))
    if (this.#failure) throw threw(this.id, this.#spec.machine, before, message.type, this.#failure.error)
    deepFreeze(this.local.context)
    return this.local !== before
  }

  listen(listener: (utterance: Utterance) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  show(): Shown {
    return show(this.local)
  }

  #actor(): Actor<AnyStateMachine> {
    return (this.#made ??= this.#make())
  }

  #make(): Actor<AnyStateMachine> {
    const { id, machine, input, resumed } = this.#spec
    mustObey(id, machine)
    let begun = false
    const inspect = (event: InspectionEvent): void => {
      this.#rest.goesOn(event)
      if (begun && event.type === '@xstate.microstep') this.#microstep?.(event)
    }
    const actor = createActor(machine, {
      ...{ id, input },
      // To be told of each transition is not for nothing.
      ...((this.#microstep || goesOnByItself(machine)) && { inspect }),
      ...(resumed && { snapshot: resumed }),
    })
    // Without an observer XState throws an actor's error later, on a timer, where nobody can tell which step it belongs to.
    actor.subscribe({ error: (error: unknown) => (this.#failure = { error }) })
    const early = actor.on('*', () => (this.#failure ??= { error: speaksAtStart(id) }))
    actor.start()
    early.unsubscribe()
    begun = true
    if (this.#failure) throw threw(id, machine, actor.getSnapshot(), undefined, this.#failure.error)
    actor.on('*', (said) => {
      try {
        mustBeSayable({ id, machine, at: actor.getSnapshot() as AnyMachineSnapshot }, said)
      } catch (error) {
        this.#failure ??= { error }
        return
      }
      const utterance = sort(id, [said as Said])
      for (const listener of this.#listeners) listener(utterance)
    })
    return actor
  }
}

const speaksAtStart = (id: string): ModelError =>
  new ModelError(
    'speaks-at-start',
    `${id} speaks before it was spoken to: its initial state emits.`,
    [],
    'Let it wait for a message first.',
  )

class PureEnd implements ReadableEnd {
  readonly id: string
  readonly #component: Component
  readonly #witness: Distrust
  readonly #listeners = new Set<(utterance: Utterance) => void>()
  local: unknown

  constructor(component: Component) {
    this.id = component.id
    this.#component = component
    this.#witness = new Distrust(component)
    this.local = component.initial
  }

  accepts(message: Message): boolean {
    return this.#witness.accepts(this.local, message)
  }

  hear(message: Message): boolean {
    const outcome = this.#witness.receive(this.local, message)
    this.local = outcome.local
    for (const listener of this.#listeners) listener(outcome)
    return !outcome.ignored
  }

  listen(listener: (utterance: Utterance) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  show(): Shown {
    return this.#component.show(this.local)
  }
}

/** A chart's kernel is the same in every run of a world, and is kept with the actor that declares it. */
const kernels = new WeakMap<ActorSpec, Kernel>()

const kernelFor = (spec: ActorSpec): Kernel => {
  const { id, machine, input, resumed } = spec
  const kernel = kernels.get(spec) ?? kernelOf(id, machine, input, resumed)
  kernels.set(spec, kernel)
  return kernel
}

class SteppedEnd implements ReadableEnd {
  readonly id: string
  readonly #spec: ActorSpec
  #kernel: Kernel | undefined
  #local: AnyMachineSnapshot | undefined
  #listener: ((utterance: Utterance) => void) | undefined

  constructor(spec: ActorSpec) {
    this.id = spec.id
    this.#spec = spec
  }

  get local(): AnyMachineSnapshot {
    return (this.#local ??= this.#chart.initial)
  }

  accepts(message: Message): boolean {
    return accepts(this.local, message)
  }

  hear(message: Message): boolean {
    const before = this.local
    const { snapshot, said } = this.#chart.stepFast(before, message)
    this.#local = snapshot
    if (said.length > 0) this.#listener?.(sort(this.id, said))
    return snapshot !== before
  }

  listen(listener: (utterance: Utterance) => void): () => void {
    this.#listener = listener
    return () => (this.#listener = undefined)
  }

  show(): Shown {
    return show(this.local)
  }

  get #chart(): Kernel {
    return (this.#kernel ??= kernelFor(this.#spec))
  }
}
