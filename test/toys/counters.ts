/**
 * Two threads each add one to a counter by reading and writing it: with a lock, without, and without but
 * claiming one.
 */
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { judge, mutex, register, type Register } from './objects.ts'
import { lock, thread, unlock, type Kept, type Op, type Thread } from './thread.ts'

interface View {
  readonly value: number
  readonly done: boolean
}

const add: readonly Op[] = [
  { to: 'count', type: 'READ', keeps: ({ value }) => ({ read: value }) },
  { to: 'count', type: 'WRITE', fields: ({ read }: Kept) => ({ value: Number(read) + 1 }), keeps: () => ({}) },
]

const counter = (name: string, script: readonly Op[], claims: { readonly guardedBy?: string }): System<View> => ({
  name,
  fingerprint: 'c1',
  components: [thread('t0', script), thread('t1', script), mutex('lock'), register('count', 0, claims)],
  start: [begin('t0'), begin('t1')],
  view: (read) => ({
    value: (read('count') as Register).value,
    done: ['t0', 't1'].every((id) => (read(id) as Thread).state === 'done'),
  }),
})

export const lostUpdate = (): System<View> => counter('lost update', add, {})

export const guardedCounter = (): System<View> =>
  counter('guarded counter', [lock('lock'), ...add, unlock('lock')], { guardedBy: 'lock' })

/** Says that it is guarded, and is not: a reduction that believes it misses the lost update. */
export const falselyGuarded = (): System<View> => counter('falsely guarded counter', add, { guardedBy: 'lock' })

export const counterProperties: readonly Property<View>[] = [
  always('no update is lost', ({ value }) => value === 2, { when: ({ done }) => done, finding: 'bug' }),
  sometimes('both are done', ({ done }) => done),
]

/** The same, seen only through what the threads report at the end: nothing but the claim makes the steps visible. */
export const unwatchedCounter = (claims: { readonly guardedBy?: string } = {}): System<null> => {
  const keeping: readonly Op[] = [
    { to: 'count', type: 'READ', keeps: ({ value }) => ({ read: value }) },
    { to: 'count', type: 'WRITE', fields: ({ read }: Kept) => ({ value: Number(read) + 1 }) },
    { to: 'judge', type: 'ENDED', fields: ({ read }: Kept) => ({ with: read }) },
  ]
  return {
    name: 'unwatched counter',
    fingerprint: 'c2',
    components: [
      thread('t0', keeping),
      thread('t1', keeping),
      mutex('lock'),
      register('count', 0, claims),
      judge('judge', 2),
    ],
    start: [begin('t0'), begin('t1')],
    view: () => null,
  }
}
