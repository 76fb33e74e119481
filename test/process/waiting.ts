/** Children that wait for ever, found the long way: from each state by itself all that may come is looked at. */
import type { AnyActorLogic } from 'xstate'
import type { Outside } from '../../process/describe.ts'
import { isMachineSnapshot, type Told } from '../../process/inside.ts'
import { Process, type Taken } from '../../process/process.ts'
import { stateOf } from '../../process/shown.ts'
import type { State } from '../../process/state.ts'

interface Looked {
  readonly state: State
  /** Where each step leads to, and who took a transition in it, or ended. */
  readonly steps: { readonly to: string; readonly doers: ReadonlySet<string> }[]
  /** Child and state, of those that wait for an event elsewhere than where they began. */
  readonly waiting: ReadonlyMap<string, string>
  readonly isAtEnd: boolean
}

/** Undefined where an error ends something: then it is not known what would have come. */
export const waitingForEverIn = (
  logic: AnyActorLogic,
  outside: Outside,
  beginning: string,
): readonly string[] | undefined => {
  const process = new Process(logic, outside)
  const looked = new Map<string, Looked>()
  const queue = [process.begun.state]
  for (const state of queue) {
    if (looked.has(state.key)) continue
    const steps: Looked['steps'] = []
    looked.set(state.key, { state, steps, ...waitingIn(process, state, beginning) })
    for (const offer of process.offers(state)) {
      const taken = process.take(state, offer)!
      if (taken.findings.some(({ fatal }) => fatal)) return undefined
      steps.push({ to: taken.state.key, doers: doersOf(process, state, taken) })
      queue.push(taken.state)
    }
  }
  const found = new Set<string>()
  for (const [from, { waiting }] of looked) {
    const future = [...reached(looked, from)].map((key) => looked.get(key)!)
    const isIdle = (name: string): boolean => future.every(({ steps }) => steps.every(({ doers }) => !doers.has(name)))
    const isOver = future.every(({ isAtEnd }) => isAtEnd) && isIdle('root')
    for (const [name, where] of waiting) if (!isOver && isIdle(name)) found.add(`${name} waits in ${where}`)
  }
  return [...found].toSorted()
}

const reached = (looked: ReadonlyMap<string, Looked>, from: string): ReadonlySet<string> => {
  const found = new Set([from])
  for (const each of found) for (const { to } of looked.get(each)!.steps) found.add(to)
  return found
}

const doersOf = (process: Process, state: State, { told }: Taken): ReadonlySet<string> => {
  const names = process.names(state)
  const isDoing = (each: Told): boolean =>
    (each.type === '@xstate.microstep' && each._transitions.length > 0) ||
    (each.type === '@xstate.snapshot' && each.snapshot.status !== 'active')
  return new Set(told.flatMap((each) => (isDoing(each) ? (names.get(each.actorRef) ?? []) : [])))
}

const waitingIn = (process: Process, state: State, beginning: string): Pick<Looked, 'waiting' | 'isAtEnd'> => {
  const waiting = new Map<string, string>()
  for (const [actor, name] of process.names(state)) {
    const { _snapshot: snapshot } = actor
    if (actor === process.root || !isMachineSnapshot(snapshot) || snapshot.status !== 'active') continue
    if (snapshot.value !== beginning && state.alive.get(actor.sessionId) === actor) waiting.set(name, stateOf(snapshot))
  }
  const { _snapshot: root } = process.root
  const isAtEnd =
    isMachineSnapshot(root) && root.value !== 'a' && root._nodes.every(({ transitions }) => transitions.size === 0)
  return { waiting, isAtEnd }
}
