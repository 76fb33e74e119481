/** The simplest actors there are, for tests of what carries their messages. */
import type { Send } from '../../explore/system.ts'
import type { End, Utterance } from '../../streams/controller.ts'

/** Answers each message type with the types listed for it, sent to the actors named; remembers what it heard; defers what it is told to. */
export function end(
  id: string,
  answers: Readonly<Record<string, readonly [to: string, type: string][]>> = {},
  defers: readonly string[] = [],
) {
  const heard: string[] = []
  const listeners = new Set<(utterance: Utterance) => void>()
  const made: End & { readonly heard: string[] } = {
    id,
    heard,
    accepts: ({ type }) => !defers.includes(type),
    hear: ({ type }) => {
      heard.push(type)
      for (const [to, answer] of answers[type] ?? []) {
        for (const listener of listeners) listener({ sends: [send(id, to, answer)], findings: [], notes: [] })
      }
      return true
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    show: () => ({ state: heard.at(-1) ?? 'new', data: {} }),
  }
  return made
}

export const send = (from: string, to: string, type: string): Send => ({ to, message: { type, from } })

/** Three actors and an environment that all write to each other. */
export const crowd = () => [
  end('a', {
    GO: [
      ['b', 'HELLO'],
      ['c', 'HELLO'],
      ['b', 'BYE'],
    ],
  }),
  end('b', {
    HELLO: [
      ['a', 'THANKS'],
      ['c', 'NEWS'],
    ],
  }),
  end('c', { HELLO: [['a', 'THANKS']], NEWS: [['b', 'REALLY']] }),
]

export const crowdStart = [send('env', 'c', 'HELLO'), send('c', 'a', 'GO'), send('env', 'a', 'GO')]
