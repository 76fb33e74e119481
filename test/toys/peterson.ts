/**
 * Peterson's mutual exclusion for two threads, one round each. Every access of a shared variable is a request
 * and an answer.
 */
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { register, room } from './objects.ts'
import { thread, write, type Op, type Thread } from './thread.ts'

interface View {
  readonly inside: readonly number[]
  readonly done: readonly number[]
}

/**
 * `turn: false` leaves out the turn: whoever saw the other's flag down goes in, flags being raised only after
 * the look.
 */
export const peterson = (options: { readonly turn: boolean } = { turn: true }): System<View> => {
  const ids = [0, 1]
  const right = (me: number, other: number): readonly Op[] => [
    write(`flag${me}`, 1),
    write('turn', other),
    { to: `flag${other}`, type: 'READ', goes: ({ value }) => (value === 0 ? 4 : 3) },
    { to: 'turn', type: 'READ', goes: ({ value }) => (value === me ? 4 : 2) },
    { to: 'room', type: 'STAY', state: 'inside' },
    write(`flag${me}`, 0),
  ]
  const broken = (me: number, other: number): readonly Op[] => [
    { to: `flag${other}`, type: 'READ', goes: ({ value }) => (value === 0 ? 1 : 0) },
    write(`flag${me}`, 1),
    { to: 'room', type: 'STAY', state: 'inside' },
    write(`flag${me}`, 0),
  ]
  const script = options.turn ? right : broken
  return {
    name: `peterson${options.turn ? '' : ' without turn'}`,
    fingerprint: 'p1',
    components: [
      ...ids.map((me) => thread(`t${me}`, script(me, 1 - me))),
      ...ids.map((me) => register(`flag${me}`)),
      register('turn'),
      room('room'),
    ],
    start: ids.map((me) => begin(`t${me}`)),
    view: (read) => {
      const states = ids.map((me) => (read(`t${me}`) as Thread).state)
      return {
        inside: ids.filter((me) => states[me] === 'inside'),
        done: ids.filter((me) => states[me] === 'done'),
      }
    },
  }
}

export const petersonProperties: readonly Property<View>[] = [
  always('one at a time', ({ inside }) => inside.length < 2),
  sometimes('thread 1 goes in', ({ inside }) => inside.includes(1)),
  // Nothing is fair: the other may spin for ever.
  eventually('both are done', ({ done }) => done.length === 2),
]
