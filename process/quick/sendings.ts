/** What a user may send to a machine that is by itself. */
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { Outside } from '../describe.ts'
import { worded } from '../offers.ts'
import type { Process } from '../process.ts'
import { sendingsOf } from '../users.ts'
import { isAmong } from '../vocabulary.ts'

export interface Sending {
  /** As a schedule has it. */
  readonly type: string
  readonly event: AnyEventObject
  readonly times: number
  /** Where it is counted; 0: it is not. */
  readonly slot: number
  /** Not handled, it is lost. */
  readonly isDear: boolean
}

/** In the order in which schedules count. Throws NotNumbered where anything else may come. */
export const userOf = (
  process: Process,
  machine: AnyStateMachine,
  outside: Outside,
  monitored: readonly string[],
  addSlot: () => number,
): readonly Sending[] => {
  const sendings = sendingsOf(machine, outside)
    .map(({ event, times, to }): Sending => {
      if (to !== undefined || event.type.startsWith('xstate.')) throw new NotNumbered()
      const isDear = monitored.includes(event.type) && !isAmong(outside.ignores, event.type)
      return { type: worded(event), event, times, slot: Number.isFinite(times) ? addSlot() : 0, isDear }
    })
    .toSorted((one, other) => (one.type < other.type ? -1 : one.type > other.type ? 1 : 0))
  const offered = new Set(process.offers(process.begun.state).map(({ from, type }) => `${from}\n${type}`))
  const expected = sendings.filter(({ times }) => times > 0).map(({ type }) => `user\n${type}`)
  if (offered.size !== expected.length || !expected.every((each) => offered.has(each))) throw new NotNumbered()
  return sendings
}
