/** Who waits for what cannot come any more: nothing that is alive, armed or allowed could be handled where it is. */
import type { AnyEventObject } from 'xstate'
import { eventNamed } from './coverage.ts'
import type { Outside } from './describe.ts'
import { isMachineSnapshot, type Live, type MachineSnapshot, type Snapshot } from './inside.ts'
import { callsOf } from './names.ts'
import type { Flight } from './network.ts'
import { stateOf } from './shown.ts'
import type { Timer } from './timers.ts'

export interface Around {
  readonly root: Live
  readonly names: ReadonlyMap<Live, string>
  readonly isAlive: (actor: Live) => boolean
  readonly timers: readonly Timer[]
  /** What is on its way between actors. */
  readonly flying: readonly Flight[]
  /** Something else than a user may speak. Asked where nothing else tells. */
  readonly mayCome: () => boolean
  /** What users may send, if they may still send it or not. Asked where nothing else tells. */
  readonly sent: () => readonly { readonly event: AnyEventObject; readonly target: Live | undefined }[]
  readonly listens: Listens
}

/** It may wait for ever. */
export type Listens = (actor: Live) => boolean

export const listening =
  ({ listeners }: Outside): Listens =>
  (actor) =>
    listeners !== undefined && callsOf(actor).some((name) => listeners.includes(name))

/** In words, one for each. */
export const stuckIn = (around: Around): readonly string[] => {
  const { root, names, isAlive, mayCome, sent, listens } = around
  const isOver = (): boolean =>
    !mayCome() && !sent().some(({ event, target }) => target && isAlive(target) && mayHandle(target, event))
  return [...names].flatMap(([actor, name]) => {
    const { _snapshot: snapshot } = actor
    if (!isAlive(actor) || !isMachineSnapshot(snapshot) || snapshot.status !== 'active' || listens(actor)) return []
    const waits = awaitedBy(snapshot)
    if (waits.length === 0) return []
    const isLost = waits.every((type) => type.startsWith('xstate.') && !isComing(actor, snapshot, type, around))
    if (!isLost && !(actor === root && isOver())) return []
    return [waitingTitle(name, snapshot, waits)]
  })
}

export const waitingTitle = (name: string, snapshot: Snapshot, waits: readonly string[]): string => {
  const named = (type: string): string => (isMachineSnapshot(snapshot) ? eventNamed(type, snapshot.machine) : type)
  const awaited = waits.map(named).join(', ')
  return `deadlock: ${name} waits in ${stateOf(snapshot)} for ${awaited}, which cannot come any more`
}

/**
 * What is handled in this state. Where eventless transitions wait for something, anything may set them off; and what a machine handles in all of
 * its states it does not wait for.
 */
export const awaitedBy = ({ machine, _nodes }: MachineSnapshot): readonly string[] => {
  const isRestless = _nodes.some(({ always }) => always !== undefined && always.length > 0)
  const waits = _nodes.some(({ id, transitions }) => id !== machine.root.id && transitions.size > 0)
  return waits && !isRestless ? [...new Set(_nodes.flatMap(({ transitions }) => [...transitions.keys()]))] : []
}

const isComing = (actor: Live, { children }: MachineSnapshot, type: string, around: Around): boolean => {
  const { timers, flying, isAlive } = around
  if (flying.some(({ target }) => target === actor)) return true
  const id = childOf(type)
  if (id !== undefined) {
    const child = children[id]
    return id.includes('*') || (child !== undefined && isAlive(child))
  }
  return timers.some(({ target, event }) => target === actor && event.type === type)
}

/** Where its chart begins, whatever led there. */
export const isWhereItBegan = ({ _nodes }: MachineSnapshot): boolean =>
  _nodes.every(
    ({ initial: { target } = nowhere }) => target.length === 0 || target.some((each) => _nodes.includes(each)),
  )

const nowhere = { target: [] }

/** Whose word it is; undefined: nobody's. */
export const childOf = (type: string): string | undefined =>
  /^xstate\.(?:done\.actor|error\.actor|snapshot)\.(.*)$/s.exec(type)?.[1]

/** A guard that fails to answer is asked again when the event comes. */
export const mayHandle = ({ _snapshot: snapshot }: Live, event: AnyEventObject): boolean => {
  if (!isMachineSnapshot(snapshot)) return true
  try {
    return snapshot.can(event)
  } catch {
    return true
  }
}
