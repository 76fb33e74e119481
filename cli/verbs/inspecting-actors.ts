/** `--inspect` of XState actors: what XState's own inspection tells of a run is told on, step by step. */
import { setTimeout as wait } from 'node:timers/promises'
import { chartOf } from '../../report/statecharts/chart.ts'
import { machineJson } from '../../report/statecharts/xstate.ts'
import { visible } from '../../report/words.ts'
import { json, Telling, type InspectionMessage } from '../../inspect/protocol.ts'
import { isMachine, type Live, type Told } from '../../process/inside.ts'
import { ownName } from '../../process/names.ts'
import type { Taken } from '../../process/process.ts'
import type { ActorSystem } from '../../process/system.ts'
import { starting } from '../../process/told.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import type { Desk } from '../desk.ts'
import type { Pace } from './inspecting.ts'

export const isOfActors = (world: object): world is ActorSystem => 'process' in world

export const tellActors = async (
  send: (message: InspectionMessage) => void,
  pace: Pace | undefined,
  { process }: ActorSystem,
  { steps }: Trace,
  desk: Desk,
): Promise<void> => {
  const telling = new Telling(send, process.root.sessionId)
  let taken = process.begun
  tell(telling, taken)
  for (const { number, from, message } of steps) {
    if (desk.stop.aborted) return
    if (pace === 'step') await desk.line()
    else if (pace !== undefined) await wait(pace)
    if (from === starting.from && message.type === starting.type) continue
    taken = process.take(taken.state, { from, type: message.type })!
    tell(telling, taken)
    if (pace === 'step') desk.err.write(visible(`  ${number} of ${steps.length}   ${from} ${message.type}`) + '\n')
  }
}

const tell = (telling: Telling, { state, told }: Taken): void => {
  const snapshotOf = (actor: Live): unknown => state.held.find((each) => each.actor === actor)?.snapshot ?? {}
  for (const each of told) one(telling, each, snapshotOf)
}

const one = (telling: Telling, told: Told, snapshotOf: (actor: Live) => unknown): void => {
  const { sessionId, logic, _parent: parent } = told.actorRef
  switch (told.type) {
    case '@xstate.actor':
      telling.actor(sessionId, {
        name: ownName(told.actorRef),
        parentId: parent?.sessionId,
        definition: isMachine(logic) ? json(machineJson(chartOf(logic.root))) : undefined,
        snapshot: snapshotOf(told.actorRef),
      })
      break
    case '@xstate.event':
      telling.event(sessionId, told.event, told.sourceRef?.sessionId ?? 'outside')
      break
    case '@xstate.microstep':
      telling.microstep(sessionId, told as never)
      break
    case '@xstate.snapshot':
      telling.snapshot(sessionId, told.snapshot, told.event)
      break
    // What else there is the protocol does not know.
    case '@xstate.action':
    case 'emitted':
      break
  }
}
