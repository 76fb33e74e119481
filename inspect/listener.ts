/** Who is told of a run: an inspector of Stately's, a function, or whoever listens at a WebSocket. */
import { atLeast, callable, either, members, such, text } from '../shapes/shape.ts'
import type { InspectionMessage } from './protocol.ts'
import { lineTo } from './line.ts'

/**
 * - the address of a WebSocket, `ws://localhost:8080`: every message is sent there, however late it opens, and the run ends when all are sent;
 * - an inspector, as `createWebSocketInspector()` of `@statelyai/inspect` makes it: its adapter is given every message;
 * - a function.
 */
export type Inspect = string | { readonly adapter: { send(message: InspectionMessage): void } } | Heard

type Heard = (message: InspectionMessage) => void

const expected = 'the address of a WebSocket (ws://localhost:8080), an inspector of @statelyai/inspect, or a function'

const address = such(text, (given) => (isAddress(given) ? undefined : { at: [], expected }))

const inspector = atLeast<Exclude<Inspect, string | Heard>>(
  { adapter: members<{ send: Heard }>({ send: callable() }, 'an adapter, which sends') },
  expected,
)

export const inspectShape = either<Inspect>(expected, (given) =>
  typeof given === 'string' ? address : typeof given === 'function' ? callable() : inspector,
)

export const isAddress = (text: string): boolean => URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)

export interface Listener {
  readonly send: Heard
  /** All that was said has been sent. Rejects when it could not be. */
  ended(): Promise<void>
}

export const listenerAt = (inspect: Inspect): Listener => {
  if (typeof inspect === 'string') return lineTo(inspect)
  const send: Heard = typeof inspect === 'function' ? inspect : (message) => inspect.adapter.send(message)
  return { send, ended: async () => {} }
}
