/** The protocol of `two-phase-actors.ts` as plain components, whose messages are in flight for a while. */
import type { Component, Message, Property, System } from '../explore/system.ts'

type Vote = 'voting' | 'prepared' | 'aborted' | 'committed'

interface Coordinator {
  readonly state: 'collecting' | 'committed' | 'aborted'
  readonly yes: number
}

const nothing = { findings: [], notes: [], ignored: false } as const

const all = (participants: number): readonly string[] => Array.from({ length: participants }, (_, at) => `p${at + 1}`)

const participant = (id: string): Component<Vote> => ({
  id,
  initial: 'voting',
  accepts: () => true,
  offers: (vote) => (vote === 'voting' ? ['resolves', 'rejects'].map((type) => ({ from: `vote of ${id}`, type })) : []),
  receive(vote, { type }: Message) {
    const says = (word: string) => [{ to: 'coordinator', message: { from: id, type: word } }]
    switch (type) {
      case 'resolves':
        return { ...nothing, local: 'prepared', sends: says('YES') }
      case 'rejects':
        return { ...nothing, local: 'aborted', sends: says('NO') }
      case 'COMMIT':
        return { ...nothing, local: 'committed', sends: [] }
      default:
        return { ...nothing, local: vote === 'committed' ? vote : 'aborted', sends: [] }
    }
  },
  key: (vote) => vote,
  show: (vote) => ({ state: vote, data: {} }),
})

const coordinator = (participants: number): Component<Coordinator> => {
  const tells = (type: string) =>
    all(participants).map((to) => ({ to, message: { from: 'coordinator', type } satisfies Message }))
  return {
    id: 'coordinator',
    initial: { state: 'collecting', yes: 0 },
    accepts: () => true,
    offers: ({ state }) => (state === 'collecting' ? [{ from: 'clock', type: 'after 1000' }] : []),
    receive(local, { type }: Message) {
      const yes = type === 'YES' ? local.yes + 1 : local.yes
      if (local.state !== 'collecting') return { ...nothing, local, sends: [] }
      if (type !== 'YES') return { ...nothing, local: { state: 'aborted', yes }, sends: tells('ABORT') }
      if (yes < participants) return { ...nothing, local: { state: 'collecting', yes }, sends: [] }
      return { ...nothing, local: { state: 'committed', yes }, sends: tells('COMMIT') }
    },
    key: ({ state, yes }) => `${state} ${yes}`,
    show: ({ state, yes }) => ({ state, data: { yes } }),
  }
}

export const twoPhaseComponents = (participants: number): System<readonly Vote[]> => ({
  name: 'two-phase commit',
  fingerprint: `p${participants}`,
  components: [coordinator(participants), ...all(participants).map(participant)],
  start: [],
  view: (read) => all(participants).map((id) => read(id) as Vote),
})

export const twoPhaseClaims: readonly Property<readonly Vote[]>[] = [
  {
    kind: 'always',
    name: 'nobody commits while another aborts',
    holds: (votes) => !(votes.includes('committed') && votes.includes('aborted')),
  },
  { kind: 'sometimes', name: 'all commit', holds: (votes) => votes.every((vote) => vote === 'committed') },
]
