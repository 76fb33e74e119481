/** Stateright's single-decree Paxos, whose leader is whoever is asked to write. */
import type { Actor, Actors, NetworkKind, Reaction } from './actors.ts'
import { withClients } from './registers.ts'
import { including, upTo, type World } from './worlds.ts'

type Ballot = readonly [round: number, leader: number]
type Proposal = readonly [request: number, client: number, value: string]
type Accepted = readonly [Ballot, Proposal] | null

interface Server {
  readonly ballot: Ballot
  readonly proposal: Proposal | null
  readonly prepares: readonly (readonly [id: number, accepted: Accepted])[]
  readonly accepts: readonly number[]
  readonly accepted: Accepted
  readonly decided: boolean
}

const compare = (a: Ballot, b: Ballot): number => a[0] - b[0] || a[1] - b[1]
const isSame = (a: Ballot, b: Ballot): boolean => compare(a, b) === 0

/** Of what others have accepted, what has the highest ballot. */
const highest = (prepares: Server['prepares']): Accepted =>
  prepares.reduce<Accepted>((best, [, accepted]) => {
    if (accepted === null) return best
    return best === null || compare(accepted[0], best[0]) > 0 ? accepted : best
  }, null)

const server = (id: number, count: number): Actor => {
  const majority = Math.floor(count / 2) + 1
  const toPeers = (message: readonly unknown[]) =>
    upTo(count).flatMap((to) => (to === id ? [] : [[to, message] as const]))
  return {
    start: [
      {
        ballot: [0, 0],
        proposal: null,
        prepares: [],
        accepts: [],
        accepted: null,
        decided: false,
      } satisfies Server,
      [],
    ],
    on: (state: Server, from, [type, ...given]): Reaction | undefined => {
      if (state.decided) {
        if (type !== 'get') return undefined
        return [state, [[from, ['getOk', given[0], state.accepted![1][2]]]]]
      }
      switch (type) {
        case 'put': {
          if (state.proposal !== null) return undefined
          const ballot: Ballot = [state.ballot[0] + 1, id]
          const proposal: Proposal = [given[0], from, given[1]]
          return [
            { ...state, ballot, proposal, prepares: [[id, state.accepted]], accepts: [] },
            toPeers(['prepare', ballot]),
          ]
        }
        case 'prepare': {
          const [ballot] = given as [Ballot]
          if (compare(ballot, state.ballot) <= 0) return undefined
          return [{ ...state, ballot }, [[from, ['prepared', ballot, state.accepted]]]]
        }
        case 'prepared': {
          const [ballot, last] = given as [Ballot, Accepted]
          if (!isSame(ballot, state.ballot)) return undefined
          const prepares = including(
            state.prepares.filter(([who]) => who !== from),
            [from, last] as const,
          )
          if (prepares.length !== majority) return [{ ...state, prepares }, []]
          const proposal = highest(prepares)?.[1] ?? state.proposal!
          return [
            { ...state, prepares, proposal, accepted: [ballot, proposal], accepts: [id] },
            toPeers(['accept', ballot, proposal]),
          ]
        }
        case 'accept': {
          const [ballot, proposal] = given as [Ballot, Proposal]
          if (compare(ballot, state.ballot) < 0) return undefined
          return [{ ...state, ballot, accepted: [ballot, proposal] }, [[from, ['accepted', ballot]]]]
        }
        case 'accepted': {
          const [ballot] = given as [Ballot]
          if (!isSame(ballot, state.ballot)) return undefined
          const accepts = including(state.accepts, from)
          if (accepts.length !== majority) return [{ ...state, accepts }, []]
          const [request, asker] = state.proposal!
          return [
            { ...state, accepts, decided: true },
            [...toPeers(['decided', ballot, state.proposal]), [asker, ['putOk', request]]],
          ]
        }
        case 'decided': {
          const [ballot, proposal] = given as [Ballot, Proposal]
          return [{ ...state, ballot, accepted: [ballot, proposal], decided: true }, []]
        }
        default:
          return undefined
      }
    },
  }
}

export const paxos = (servers: number, clients: number, network: NetworkKind): World<Actors> =>
  withClients(
    `Paxos ${servers}/${clients}`,
    upTo(servers).map((id) => server(id, servers)),
    clients,
    network,
    16,
  )
