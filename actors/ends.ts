/** The two things that can be at the end of a lane: a real XState actor, or a component's pure function. Both say and show the same. */
import { createActor, type AnyMachineSnapshot } from 'xstate'
import { deepFreeze } from '../explore/canonical.ts'
import { ModelError } from '../explore/errors.ts'
import type { Component, Message, Shown, System } from '../explore/system.ts'
import type { Said } from '../machines/say.ts'
import type { End, Utterance } from '../streams/controller.ts'
import { sort } from './system.ts'
import type { ActorSpec, World } from './world.ts'
import { accepts, show } from './xstate-kernel.ts'

/** An end whose local state can be read, so that a view can be made of all of them. */
export interface ReadableEnd extends End {
  readonly local: unknown
}

export const liveEnds = (world: World<any>): readonly ReadableEnd[] => world.actors.map((spec) => new LiveEnd(spec))

export const pureEnds = (system: System<any>): readonly ReadableEnd[] =>
  system.components.map((component) => new PureEnd(component))

class LiveEnd implements ReadableEnd {
  readonly id: string
  readonly #actor
  #failure: { readonly error: unknown } | undefined

  constructor({ id, machine, input }: ActorSpec) {
    this.id = id
    this.#actor = createActor(machine, { id, input })
    // Without an observer XState throws an actor's error later, on a timer, where nobody can tell which step it belongs to.
    this.#actor.subscribe({ error: (error: unknown) => (this.#failure = { error }) })
    const early = this.#actor.on('*', () => (this.#failure ??= { error: speaksAtStart(id) }))
    this.#actor.start()
    early.unsubscribe()
    this.#passOnFailure()
  }

  get local(): AnyMachineSnapshot {
    return this.#actor.getSnapshot()
  }

  accepts(message: Message): boolean {
    return accepts(this.local, message)
  }

  hear(message: Message): boolean {
    const before = this.local
    this.#actor.send(deepFreeze(message))
    this.#passOnFailure()
    deepFreeze(this.local.context)
    return this.local !== before
  }

  listen(listener: (utterance: Utterance) => void): () => void {
    const listening = this.#actor.on('*', (said) => listener(sort(this.id, [said as Said])))
    return () => listening.unsubscribe()
  }

  show(): Shown {
    return show(this.local)
  }

  #passOnFailure(): void {
    if (this.#failure) throw this.#failure.error
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
  readonly #listeners = new Set<(utterance: Utterance) => void>()
  local: unknown

  constructor(component: Component) {
    this.id = component.id
    this.#component = component
    this.local = component.initial
  }

  accepts(message: Message): boolean {
    return this.#component.accepts(this.local, message)
  }

  hear(message: Message): boolean {
    const outcome = this.#component.receive(this.local, message)
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
