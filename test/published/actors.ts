/**
 * Actors as Stateright has them (stateright 0.31, `src/actor`), over three kinds of network. What is delivered and neither changes its receiver nor
 * has it send anything is no step, except that an ordered network loses it.
 */
import { isEqual, named, put, upTo, without, world, type World } from './worlds.ts'

export type Envelope = readonly [from: number, to: number, message: readonly unknown[]]

/** What an actor is then, and what it sends. */
export type Reaction = readonly [state: unknown, sends: readonly (readonly [to: number, message: readonly unknown[]])[]]

export interface Actor {
  readonly start: Reaction
  /** Undefined: nothing happens. */
  on(state: any, from: number, message: readonly any[]): Reaction | undefined
}

/** `bag`: delivered once, in any order. `set`: again and again; what came last is part of the state. `ordered`: in the order of each pair. */
export type NetworkKind = 'bag' | 'set' | 'ordered'

export interface Actors {
  readonly actors: readonly unknown[]
  readonly network: readonly Envelope[]
  readonly last: Envelope | null
  readonly history: unknown
}

export interface Setting {
  readonly name: string
  readonly actors: readonly Actor[]
  readonly network: NetworkKind
  readonly lossy?: boolean
  /** States outside are not there. */
  readonly within?: (state: Actors) => boolean
  readonly history?: unknown
  /** What is recorded of a message that is delivered, and of one that is sent. */
  readonly heard?: (history: any, envelope: Envelope) => unknown
  readonly said?: (history: any, envelope: Envelope) => unknown
  /** As many envelopes as may be told apart at once. */
  readonly most: number
}

const textOf = (envelope: Envelope): string => JSON.stringify(envelope)

const posted = (kind: NetworkKind, network: readonly Envelope[], envelope: Envelope): readonly Envelope[] => {
  if (kind === 'ordered') return [...network, envelope].toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
  if (kind === 'set' && network.some((each) => isEqual(each, envelope))) return network
  return [...network, envelope].toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
}

/** Where in the network those lie that may come next, no two the same. */
const deliverable = (kind: NetworkKind, network: readonly Envelope[]): readonly number[] =>
  upTo(network.length).filter((at) =>
    kind === 'ordered'
      ? !network.slice(0, at).some(([from, to]) => from === network[at]![0] && to === network[at]![1])
      : at === 0 || !isEqual(network[at], network[at - 1]),
  )

export const actorWorld = (setting: Setting): World<Actors> => {
  const { actors, network: kind, lossy = false, within = () => true, most } = setting
  const { heard = (history: unknown) => history, said = (history: unknown) => history } = setting
  const send = (state: Actors, from: number, sends: Reaction[1]): Actors =>
    sends.reduce((so, [to, message]) => {
      const envelope: Envelope = [from, to, message]
      return { ...so, network: posted(kind, so.network, envelope), history: said(so.history, envelope) }
    }, state)
  const empty: Actors = {
    actors: actors.map(({ start: [state] }) => state),
    network: [],
    last: null,
    history: setting.history ?? null,
  }
  const start = actors.reduce((so, actor, id) => send(so, id, actor.start[1]), empty)
  /** Undefined: no step. */
  const delivered = (state: Actors, index: number): Actors | undefined => {
    const at = deliverable(kind, state.network)[index]
    if (at === undefined) return undefined
    const envelope = state.network[at]!
    const [from, to, message] = envelope
    const reaction = actors[to]!.on(state.actors[to], from, message)
    if (reaction === undefined && kind !== 'ordered') return undefined
    const [local, sends] = reaction ?? [state.actors[to], []]
    const left = kind === 'set' ? state.network : without(state.network, at)
    const before: Actors = {
      actors: put(state.actors, to, local),
      network: left,
      last: kind === 'set' ? envelope : null,
      history: heard(state.history, envelope),
    }
    const after = send(before, to, sends)
    return within(after) ? after : undefined
  }
  const dropped = (state: Actors, index: number): Actors | undefined => {
    const at = deliverable(kind, state.network)[index]
    return at === undefined ? undefined : { ...state, network: without(state.network, at) }
  }
  const step = (of: (state: Actors, index: number) => Actors | undefined, index: number) => ({
    when: (state: Actors) => of(state, index) !== undefined,
    do: (state: Actors) => of(state, index)!,
  })
  return world<Actors>(setting.name, start, {
    network: {
      ...named(upTo(most).map((index) => [`delivers ${index}`, step(delivered, index)])),
      ...(lossy && named(upTo(most).map((index) => [`loses ${index}`, step(dropped, index)]))),
    },
  })
}
