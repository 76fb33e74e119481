/** What a user may send. */
import type { AnyActorLogic, AnyEventObject } from 'xstate'
import type { Outside, UserEvent } from './describe.ts'

export interface Sent {
  readonly event: AnyEventObject
  readonly times: number
  readonly to: string | undefined
}

const asEvent = (event: string | AnyEventObject): AnyEventObject =>
  typeof event === 'string' ? { type: event } : event

const isSending = (event: UserEvent): event is Exclude<UserEvent, string | AnyEventObject> & { send: string } =>
  typeof event === 'object' && 'send' in event && !('type' in event)

/** Whichever way it is written. */
export const sentBy = (event: UserEvent): Sent =>
  isSending(event)
    ? { event: asEvent(event.send), times: event.times ?? Infinity, to: event.to }
    : { event: asEvent(event as string | AnyEventObject), times: Infinity, to: undefined }

/** Of a machine that nobody says anything of: every event that it names. */
const namedBy = (logic: AnyActorLogic): readonly string[] =>
  'events' in logic && Array.isArray(logic.events)
    ? (logic.events as readonly string[])
        .filter((type) => !type.includes('*') && !type.startsWith('xstate.'))
        .toSorted()
    : []

export const sendingsOf = (logic: AnyActorLogic, { events }: Outside): readonly Sent[] =>
  (events ?? namedBy(logic)).map(sentBy)
