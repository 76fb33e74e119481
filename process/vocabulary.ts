/**
 * The names there are in a machine and in the logic of its children, as far as they can be read off: what a description speaks of must be among
 * them. Where only a function knows a name, it is said that there may be others.
 */
import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import { nodesOf, type ChartNode } from './coverage.ts'
import { isMachine } from './inside.ts'
import { rootNameOf } from './names.ts'

/** Names of one sort. */
export interface Names {
  readonly known: ReadonlySet<string>
  /** A function may make others. */
  readonly isOpen: boolean
}

export interface Vocabulary {
  /** Actors: by their `src`, their id, their `systemId`, and as a report calls them. */
  readonly actors: Names
  /** What runs under such a name: in different machines it may be different. */
  logicsOf(name: string): readonly AnyActorLogic[]
  /** Custom actions. */
  readonly actions: Names
  /** Types of events that somebody handles or sends. */
  readonly events: Names
  /** Types of events that somebody emits. */
  readonly emits: Names
}

/** `mouse.*` is of `mouse.down`, and `*` of everything. */
export const isOf = (descriptor: string, type: string): boolean =>
  descriptor === type ||
  descriptor === '*' ||
  (descriptor.endsWith('.*') && `${type}.`.startsWith(descriptor.slice(0, -1)))

/** One of these descriptors is of this type of event. */
export const isAmong = (descriptors: readonly string[] = [], type: string): boolean =>
  descriptors.some((each) => isOf(each, type))

/** What a machine may do something at. Where an eventless transition waits for something, any event may set it off. */
export const handledBy = (machine: AnyStateMachine): Names => {
  const nodes = nodesOf(machine.root as unknown as ChartNode)
  return {
    known: new Set(nodes.flatMap(({ transitions }) => [...transitions.keys()])),
    isOpen: nodes.some(({ always = [] }) => always.length > 0),
  }
}

export const isLogic = (given: unknown): given is AnyActorLogic =>
  typeof given === 'object' && given !== null && 'transition' in given && 'getInitialSnapshot' in given

export const vocabularyOf = (logic: AnyActorLogic): Vocabulary => {
  const reader = new Reader()
  reader.root(logic)
  return reader
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (given: unknown): given is Fields => typeof given === 'object' && given !== null

class Reader implements Vocabulary {
  readonly actors = { known: new Set<string>(), isOpen: false }
  readonly actions = { known: new Set<string>(), isOpen: false }
  readonly events = { known: new Set<string>(), isOpen: false }
  readonly emits = { known: new Set<string>(), isOpen: false }
  readonly #logics = new Map<string, Set<AnyActorLogic>>()
  readonly #met = new Set<unknown>()
  #machine: AnyStateMachine | undefined

  logicsOf(name: string): readonly AnyActorLogic[] {
    return [...(this.#logics.get(name) ?? [])]
  }

  root(logic: AnyActorLogic): void {
    this.#actor(rootNameOf(logic), logic)
  }

  #logic(logic: AnyActorLogic): void {
    if (this.#met.has(logic)) return
    this.#met.add(logic)
    if (isMachine(logic)) this.#within(logic, () => this.#chart(logic))
    // A reducer is run, and may send and emit what it likes.
    else if (!('start' in logic)) this.events.isOpen = this.emits.isOpen = true
    // What bodies emit is read nowhere.
    else if (/\bemit\b/.test(String(logic.config))) this.emits.isOpen = true
  }

  #within(machine: AnyStateMachine, read: () => void): void {
    const outer = this.#machine
    this.#machine = machine
    read()
    this.#machine = outer
  }

  #chart(machine: AnyStateMachine): void {
    const { actors, actions } = machine.implementations as { readonly actors: Fields; readonly actions: Fields }
    for (const [src, logic] of Object.entries(actors)) this.#actor(src, logic)
    for (const [name, action] of Object.entries(actions)) {
      this.actions.known.add(name)
      this.#action(action)
    }
    for (const node of nodesOf(machine.root as unknown as ChartNode)) {
      for (const type of node.transitions.keys()) this.events.known.add(type)
      for (const each of node.invoke as readonly Fields[]) this.#invoked(machine, each)
    }
    const { context } = machine.config as { readonly context?: unknown }
    if (typeof context === 'function') this.#code(context)
    this.#config(machine.config)
  }

  /** Whatever stands in a description of states: actions are among it. */
  #config(given: unknown): void {
    if (this.#met.has(given)) return
    if (!isFields(given)) return
    this.#met.add(given)
    for (const [field, value] of Object.entries(given)) {
      if (field === 'entry' || field === 'exit' || field === 'actions')
        for (const each of Array.isArray(value) ? value : [value]) this.#action(each)
      else if (field !== 'context') this.#config(value)
    }
  }

  #invoked(machine: AnyStateMachine, { src, id, systemId }: Fields): void {
    const name = String(src)
    const [, at, of] = /^xstate\.invoke\.(\d+)\.(.*)$/s.exec(name) ?? []
    const logic = of === undefined ? machine.implementations.actors[name] : inlineOf(machine, of, Number(at))
    this.#actor(String(id), logic)
    // As a report calls it.
    this.#actor(of === undefined ? name : String(id).replace(/^\d+\./, ''), logic)
    if (typeof systemId === 'string') this.#actor(systemId, logic)
  }

  #actor(name: string, logic: unknown): void {
    this.actors.known.add(name)
    if (!isLogic(logic)) return
    this.#logics.set(name, (this.#logics.get(name) ?? new Set<AnyActorLogic>()).add(logic))
    this.#logic(logic)
  }

  #action(action: unknown): void {
    if (typeof action === 'string') this.actions.known.add(action)
    else if (typeof action === 'function') this.#made(action as unknown as Fields & Function)
    else if (isFields(action) && typeof action['type'] === 'string') this.actions.known.add(action['type'])
  }

  /** What XState's own action creators make is a function with fields. */
  #made(action: Fields & Function): void {
    const { type, src, id, systemId, event, assignment, collect } = action
    if (typeof type !== 'string') {
      this.actions.known.add(action.name)
      return
    }
    if (type === 'xstate.spawnChild') this.#spawned(src, id, systemId)
    if (isFields(event) && typeof event['type'] === 'string') {
      this.events.known.add(event['type'])
      if (type === 'xstate.emit') this.emits.known.add(event['type'])
    }
    if (type === 'xstate.emit' && typeof event === 'function') this.emits.isOpen = true
    for (const each of [event, assignment, collect, ...(isFields(assignment) ? Object.values(assignment) : [])])
      if (typeof each === 'function') this.#code(each)
    if (typeof event === 'function') this.events.isOpen = true
    if (typeof collect === 'function') {
      this.actions.isOpen = true
      this.events.isOpen = true
      this.emits.isOpen = true
    }
  }

  #spawned(src: unknown, id: unknown, systemId: unknown): void {
    const logic = typeof src === 'string' ? this.#machine?.implementations.actors[src] : src
    for (const name of [src, id, systemId]) if (typeof name === 'string') this.#actor(name, logic)
    if (isLogic(logic)) this.#logic(logic)
    if (typeof id === 'function' || typeof src === 'function') this.actors.isOpen = true
  }

  /** A function that spawns gives names of its own; one that hands on all that it is given may do so, too. */
  #code(code: Function): void {
    const text = String(code)
    if (/\bspawn/.test(text) || !/^[^({=]*\(\s*[){]/.test(text)) this.actors.isOpen = true
  }
}

const inlineOf = (machine: AnyStateMachine, id: string, at: number): unknown => {
  const { invoke } = machine.getStateNodeById(id).config as { readonly invoke?: unknown }
  const config: unknown = Array.isArray(invoke) ? invoke[at] : invoke
  return isFields(config) ? config['src'] : undefined
}
