/** Stately's own package on the other side of a WebSocket: its relay, and whatever has looked at it. */
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ActorMessage, InspectionMessage } from '../../inspect/protocol.ts'

/** A port that nobody has. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

export interface Hearing {
  readonly url: string
  readonly heard: InspectionMessage[]
  /** When whoever was connected has left. */
  readonly left: Promise<unknown>
  /** When so many messages have come. */
  hasHeard(messages: number): Promise<void>
  close(): void
}

/** Keeps all that one client says. */
export const hearing = async (port = 0): Promise<Hearing> => {
  const heard: InspectionMessage[] = []
  const news = new EventEmitter()
  const server = new WebSocketServer({ port, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const left = new Promise((resolve) =>
    server.once('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        heard.push(JSON.parse(data.toString()) as InspectionMessage)
        news.emit('heard')
      })
      socket.once('close', resolve)
    }),
  )
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hasHeard = async (messages: number): Promise<void> => {
    while (heard.length < messages) await once(news, 'heard')
  }
  return { url, heard, left, hasHeard, close: () => server.close() }
}

export const actorsIn = (heard: readonly InspectionMessage[]): readonly ActorMessage[] =>
  heard.filter((message) => message.type === '@xstate.actor')

/** What one actor goes through, by type of message: the event, whence each transition leads, the state that follows. */
export const storyOf = (heard: readonly InspectionMessage[], id: string): readonly string[] =>
  heard.flatMap((message) => {
    if (message.sessionId !== id) return []
    switch (message.type) {
      case '@xstate.event':
        return `${message.sourceId} ${message.event.type}`
      case '@xstate.microstep':
        return message._transitions.map(({ source, target }) => `${source} → ${target.join()}`)
      default:
        return (message.snapshot as { value: string }).value
    }
  })
