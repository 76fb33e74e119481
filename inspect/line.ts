/** A WebSocket that loses nothing: what is said before it opens waits, and it closes when all is sent. */
import type { WebSocket } from 'ws'
import { json, type InspectionMessage } from './protocol.ts'

export interface Line {
  /** Rejects when nobody listens there. */
  readonly opened: Promise<void>
  readonly send: (message: InspectionMessage) => void
  /** Closes it. Rejects when not all could be sent. */
  ended(): Promise<void>
}

/** Tried at once, and only once. */
export const lineTo = (url: string): Line => {
  const waiting: string[] = []
  let socket: WebSocket | undefined
  let over: Promise<void> | undefined
  const open = async (): Promise<void> => {
    const connection = await connected(url)
    socket = connection
    for (const text of waiting.splice(0)) connection.send(text)
  }
  const opened = open()
  // Told by whoever asks how it ended; nobody need ask before.
  opened.catch(() => {})
  return {
    opened,
    send: (message) => {
      if (socket) socket.send(json(message))
      else waiting.push(json(message))
    },
    ended: () => (over ??= opened.then(() => closed(socket!, url))),
  }
}

const connected = async (url: string): Promise<WebSocket> => {
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(url)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', (cause: Error) => reject(new Error(`${url}: ${cause.message || 'nobody listens there'}`)))
  })
  socket.on('error', () => {})
  return socket
}

const closed = (socket: WebSocket, url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) return reject(new Error(`${url}: it was closed before everything was sent`))
    socket.once('close', () => resolve())
    socket.close()
  })
