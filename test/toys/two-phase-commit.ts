/**
 * Two-phase commit, as Gray and Lamport specify it in TLA+ (TwoPhase): with three resource managers TLC finds exactly
 * 288 states.
 *
 * There, messages are a set that only grows, and an action is possible or not. Here they are lanes, so every choice
 * is a message in flight and a choice that is not (or no longer) possible is one that is deferred. For the same
 * number of states each TLA+ state must be one state here: what is left in a lane must follow from the states of the
 * managers. That is why
 * - PREPARE and then COMMIT or ABORT share the lane tm → rm: a manager at work meets PREPARE first and leaves it
 *   there when it gives up;
 * - a manager at work does not take ABORT: it can give up (TLA+'s RMChooseToAbort and RMRcvAbort lead to the same
 *   state);
 * - nobody takes a message just to throw it away.
 *
 * By hand, per manager: the TM undecided 4 (working, gave up, prepared, prepared and heard), 4³ = 64; aborted 6
 * (those, and aborted after either kind of prepared), 6³ = 216; committed 2 (prepared, committed), 2³ = 8. 64 + 216 +
 * 8 = 288.
 */
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Property, Send, System } from '../../explore/system.ts'
import { begin, component, from } from './component.ts'

type Decision = 'undecided' | 'committed' | 'aborted'
type Manager = 'working' | 'prepared' | 'committed' | 'aborted'

interface View {
  readonly managers: readonly Manager[]
  readonly decision: Decision
}

const manager = (id: string) =>
  component<{ readonly state: Manager }>({
    id,
    initial: { state: 'working' },
    on: {
      PREPARE: ({ state }) =>
        state === 'working' ? { local: { state: 'prepared' }, sends: [{ to: 'tm', type: 'PREPARED' }] } : 'defer',
      GIVE_UP: ({ state }) => (state === 'working' ? { local: { state: 'aborted' } } : 'defer'),
      COMMIT: ({ state }) => (state === 'prepared' ? { local: { state: 'committed' } } : 'defer'),
      ABORT: ({ state }) => (state === 'prepared' ? { local: { state: 'aborted' } } : 'defer'),
    },
  })

/** `hasty`: decides to commit although not everyone is prepared. */
export const twoPhaseCommit = (count: number, options: { readonly hasty?: boolean } = {}): System<View> => {
  const ids = Array.from({ length: count }, (_, number) => `rm${number}`)
  const enough = options.hasty ? count - 1 : count
  const transactionManager = component<{ readonly state: Decision; readonly prepared: readonly string[] }>({
    id: 'tm',
    initial: { state: 'undecided', prepared: [] },
    on: {
      PREPARED: ({ state, prepared }, message) =>
        state === 'undecided' ? { local: { state, prepared: [...prepared, message.from].toSorted() } } : 'defer',
      DECIDE_COMMIT: ({ state, prepared }) =>
        state === 'undecided' && prepared.length >= enough
          ? { local: { state: 'committed', prepared }, sends: ids.map((to) => ({ to, type: 'COMMIT' })) }
          : 'defer',
      DECIDE_ABORT: ({ state, prepared }) =>
        state === 'undecided'
          ? { local: { state: 'aborted', prepared }, sends: ids.map((to) => ({ to, type: 'ABORT' })) }
          : 'defer',
    },
  })
  // Someone who wants it committed; the environment is the one who would rather not.
  const user = component<null>({ id: 'user', initial: null, on: {} })
  const start: readonly Send[] = [
    from('user')({ to: 'tm', type: 'DECIDE_COMMIT' }),
    begin('tm', 'DECIDE_ABORT'),
    ...ids.map((to) => from('tm')({ to, type: 'PREPARE' })),
    ...ids.map((to) => begin(to, 'GIVE_UP')),
  ]
  return {
    name: `two-phase commit ${count}${options.hasty ? ', hasty' : ''}`,
    fingerprint: '2pc1',
    components: [user, transactionManager, ...ids.map(manager)],
    start,
    view: (read) => ({
      managers: ids.map((id) => (read(id) as { readonly state: Manager }).state),
      decision: (read('tm') as { readonly state: Decision }).state,
    }),
  }
}

export const twoPhaseProperties: readonly Property<View>[] = [
  always('consistent', ({ managers }) => !(managers.includes('committed') && managers.includes('aborted')), {
    finding: 'bug',
  }),
  sometimes('all commit', ({ managers }) => managers.every((state) => state === 'committed')),
  sometimes('all abort', ({ managers }) => managers.every((state) => state === 'aborted')),
  eventually('decided', ({ decision }) => decision !== 'undecided'),
]
