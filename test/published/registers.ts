/** Stateright's examples of actors: ping-pong, and registers that clients write and read while a tester of linearizability looks on. */
import { actorWorld, type Actor, type Actors, type Envelope, type NetworkKind, type Reaction } from './actors.ts'
import { including, put, upTo, type World } from './worlds.ts'

export const pingPong = (most: number, network: NetworkKind, lossy = false): World<Actors> => {
  const counts = (start: Reaction, answered: string, said: string, other: number, ahead: number): Actor => ({
    start,
    on: (count: number, _, [type, value]) =>
      type === answered && value === count ? [count + 1, [[other, [said, count + ahead]]]] : undefined,
  })
  return actorWorld({
    name: `ping-pong to ${most}`,
    actors: [counts([0, [[1, ['ping', 0]]]], 'pong', 'ping', 1, 1), counts([0, []], 'ping', 'pong', 0, 0)],
    network,
    lossy,
    within: ({ actors }) => actors.every((count) => Number(count) <= most),
    most: 2 * most + 2,
  })
}

type Operation = readonly ['write', string] | readonly ['read']
interface Call {
  readonly operation: Operation
  /** By other thread that has completed a call, the number of its last. */
  readonly after: readonly (readonly [thread: number, last: number])[]
}
/** By thread. */
interface History {
  readonly done: readonly (readonly (Call & { readonly answer: unknown })[])[]
  readonly open: readonly (Call | null)[]
}

const begun = ({ done, open }: History, thread: number, operation: Operation): History => ({
  done,
  open: put(open, thread, {
    operation,
    after: done.flatMap(({ length }, other) => (other !== thread && length > 0 ? [[other, length - 1] as const] : [])),
  }),
})

const ended = ({ done, open }: History, thread: number, answer: unknown): History => ({
  done: put(done, thread, [...done[thread]!, { ...open[thread]!, answer }]),
  open: put(open, thread, null),
})

/** Writes once to one server, then reads from the next. */
const client = (id: number, servers: number): Actor => {
  const value = String.fromCharCode(65 + id - servers)
  return {
    start: [['writes'], [[id % servers, ['put', id, value]]]],
    on: ([state]: readonly string[], _, [type, request]) => {
      if (state === 'writes' && type === 'putOk' && request === id)
        return [['reads'], [[(id + 1) % servers, ['get', 2 * id]]]]
      return state === 'reads' && type === 'getOk' && request === 2 * id ? [['done'], []] : undefined
    },
  }
}

/** Servers, and clients after them. */
export const withClients = (
  name: string,
  servers: readonly Actor[],
  clients: number,
  network: NetworkKind,
  most: number,
): World<Actors> => {
  const isClient = (id: number) => id >= servers.length
  const nothing: History = { done: upTo(clients).map(() => []), open: upTo(clients).map(() => null) }
  return actorWorld({
    name,
    actors: [...servers, ...upTo(clients).map((at) => client(servers.length + at, servers.length))],
    network,
    history: nothing,
    said: (history: History, [from, , [type, , value]]: Envelope) => {
      if (!isClient(from)) return history
      return begun(history, from - servers.length, type === 'put' ? ['write', String(value)] : ['read'])
    },
    heard: (history: History, [, to, [type, , value]]: Envelope) => {
      if (!isClient(to)) return history
      return ended(history, to - servers.length, type === 'getOk' ? value : 'written')
    },
    most,
  })
}

/** Servers that do not know of each other. */
export const singleCopy = (servers: number, clients: number): World<Actors> => {
  const server: Actor = {
    start: ['?', []],
    on: (value: string, from, [type, request, given]) =>
      type === 'put' ? [given, [[from, ['putOk', request]]]] : [value, [[from, ['getOk', request, value]]]],
  }
  return withClients(
    `single-copy ${servers}/${clients}`,
    upTo(servers).map(() => server),
    clients,
    'bag',
    clients,
  )
}

type Sequence = readonly [clock: number, id: number]
interface Replica {
  readonly seq: Sequence
  readonly value: string
  readonly phase: null | Query | Record_
}
interface Query {
  readonly is: 1
  readonly request: number
  readonly client: number
  readonly write: string | null
  readonly responses: readonly (readonly [id: number, seq: Sequence, value: string])[]
}
interface Record_ {
  readonly is: 2
  readonly request: number
  readonly client: number
  readonly read: string | null
  readonly acks: readonly number[]
}

const isLater = ([clock, id]: Sequence, [otherClock, otherId]: Sequence) =>
  clock > otherClock || (clock === otherClock && id > otherId)

/** Attiya, Bar-Noy and Dolev's register. */
const replica = (id: number, servers: number): Actor => {
  const peers = upTo(servers).filter((each) => each !== id)
  const majority = Math.floor(servers / 2) + 1
  const toPeers = (message: readonly unknown[]) => peers.map((to) => [to, message] as const)
  const adopt = (state: Replica, seq: Sequence, value: string): Replica =>
    isLater(seq, state.seq) ? { ...state, seq, value } : state
  const begin = (state: Replica, request: number, from: number, write: string | null): Reaction => [
    { ...state, phase: { is: 1, request, client: from, write, responses: [[id, state.seq, state.value]] } },
    toPeers(['query', request]),
  ]
  return {
    start: [{ seq: [0, id], value: '?', phase: null } satisfies Replica, []],
    on: (state: Replica, from, [type, request, ...given]): Reaction | undefined => {
      const { phase } = state
      switch (type) {
        case 'put':
          return phase === null ? begin(state, request, from, given[0]) : undefined
        case 'get':
          return phase === null ? begin(state, request, from, null) : undefined
        case 'query':
          return [state, [[from, ['ackQuery', request, state.seq, state.value]]]]
        case 'ackQuery': {
          if (phase?.is !== 1 || phase.request !== request) return undefined
          const responses = including(
            phase.responses.filter(([who]) => who !== from),
            [from, given[0], given[1]] as const,
          )
          if (responses.length !== majority) return [{ ...state, phase: { ...phase, responses } }, []]
          const [, [clock, owner], found] = responses.reduce((best, each) => (isLater(each[1], best[1]) ? each : best))
          const seq: Sequence = phase.write === null ? [clock, owner] : [clock + 1, id]
          const value = phase.write ?? found
          const { client: asker } = phase
          const read = phase.write === null ? value : null
          return [
            { ...adopt(state, seq, value), phase: { is: 2, request, client: asker, read, acks: [id] } },
            toPeers(['record', request, seq, value]),
          ]
        }
        case 'record':
          return [adopt(state, given[0], given[1]), [[from, ['ackRecord', request]]]]
        case 'ackRecord': {
          if (phase?.is !== 2 || phase.request !== request || phase.acks.includes(from)) return undefined
          const acks = including(phase.acks, from)
          if (acks.length !== majority) return [{ ...state, phase: { ...phase, acks } }, []]
          const answer = phase.read === null ? ['putOk', request] : ['getOk', request, phase.read]
          return [{ ...state, phase: null }, [[phase.client, answer]]]
        }
        default:
          return undefined
      }
    },
  }
}

export const atomicRegister = (servers: number, clients: number, network: NetworkKind): World<Actors> =>
  withClients(
    `ABD ${servers}/${clients}`,
    upTo(servers).map((id) => replica(id, servers)),
    clients,
    network,
    12,
  )
