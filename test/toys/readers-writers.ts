/** Threads under one fair rwsem: readers together, a writer alone. */
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { register, rwsem } from './objects.ts'
import { thread, type Op, type Thread } from './thread.ts'

interface View {
  readonly reading: number
  readonly writing: number
}

const section = (kind: 'READ' | 'WRITE', inside: Op): readonly Op[] => [
  { to: 'sem', type: `DOWN_${kind}` },
  { ...inside, state: kind === 'READ' ? 'reads' : 'writes' },
  { to: 'sem', type: `UP_${kind}` },
]

export const readersWriters = (readers: number, writers: number): System<View> => {
  const reader = (number: number) => thread(`r${number}`, section('READ', { to: 'data', type: 'READ' }))
  const writer = (number: number) =>
    thread(`w${number}`, section('WRITE', { to: 'data', type: 'WRITE', fields: () => ({ value: number + 1 }) }))
  const threads = [
    ...Array.from({ length: readers }, (_, number) => reader(number)),
    ...Array.from({ length: writers }, (_, number) => writer(number)),
  ]
  return {
    name: `${readers} readers, ${writers} writers`,
    fingerprint: 'rw1',
    components: [...threads, rwsem('sem'), register('data', 0, { guardedBy: 'sem' })],
    start: threads.map(({ id }) => begin(id)),
    view: (read) => {
      const states = threads.map(({ id }) => (read(id) as Thread).state)
      return {
        reading: states.filter((state) => state === 'reads').length,
        writing: states.filter((state) => state === 'writes').length,
      }
    },
  }
}

export const readersWritersProperties: readonly Property<View>[] = [
  always('a writer is alone', ({ reading, writing }) => writing === 0 || (writing === 1 && reading === 0)),
  sometimes('two read at once', ({ reading }) => reading > 1),
]
