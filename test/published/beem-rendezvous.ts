/** Models of the BEEM suite (Pelánek, SPIN 2007): a rendezvous is one step of two processes. */
import { processes, put, times, upTo, world, type Commands, type World } from './worlds.ts'

interface Control {
  readonly control: 'ready' | 'R' | 'W' | 'error'
  readonly active: number
  readonly busy: readonly boolean[]
}

/** Readers, then writers, who meet a control that forgets: with one reader left over it is counted as the last. */
export const readerWriter = (readers: number, writers: number): World<Control> =>
  world<Control>(
    'reader_writer',
    { control: 'ready', active: 0, busy: times(readers + writers, false) },
    processes<Control>(readers + writers, (i): Commands<Control> => {
      const meet = (
        begins: boolean,
        from: Control['control'],
        to: Control['control'],
        change: (a: number) => number = (a) => a,
        may: (a: number) => boolean = () => true,
      ) => ({
        when: ({ control, active, busy }: Control) => busy[i] !== begins && control === from && may(active),
        do: ({ active, busy }: Control) => ({ control: to, active: change(active), busy: put(busy, i, begins) }),
      })
      return i < readers
        ? {
            'start the first': meet(true, 'ready', 'R', () => 1),
            'start another': meet(true, 'R', 'R', (a) => a + 1),
            stop: meet(
              false,
              'R',
              'R',
              () => 1,
              (a) => a > 0,
            ),
            'stop the last': meet(
              false,
              'R',
              'ready',
              () => 0,
              (a) => a === 1,
            ),
            'stop what was written': meet(false, 'W', 'error'),
          }
        : {
            start: meet(true, 'ready', 'W'),
            stop: meet(false, 'W', 'ready'),
            'stop what was read': meet(false, 'R', 'error'),
          }
    }),
  )

interface Cycle {
  readonly customers: readonly ('finished' | 'running' | 'error')[]
  readonly schedulers: readonly ('init' | 'to_start' | 'started' | 'wait')[]
  readonly done: readonly number[]
  readonly ready: readonly number[]
}

export const cyclicScheduler = (count: number): World<Cycle> => {
  const to = ({ schedulers }: Cycle, i: number, state: Cycle['schedulers'][number]) => put(schedulers, i, state)
  const mayHear = ({ schedulers, ready }: Cycle, i: number) =>
    schedulers[i] === 'init' || (schedulers[i] === 'wait' && ready[i] === 0)
  return world<Cycle>(
    'cyclic_scheduler',
    {
      customers: times(count, 'finished'),
      schedulers: upTo(count).map((i) => (i === 0 ? 'to_start' : 'init')),
      done: times(count, 0),
      ready: times(count, 0),
    },
    processes<Cycle>(count, (i) => {
      const next = (i + 1) % count
      return {
        start: {
          when: ({ schedulers, customers }) => schedulers[i] === 'to_start' && customers[i] !== 'error',
          do: (state) => ({
            schedulers: to(state, i, 'started'),
            customers: put(state.customers, i, state.customers[i] === 'finished' ? 'running' : 'error'),
          }),
        },
        'tell the next': {
          when: (state) => state.schedulers[i] === 'started' && mayHear(state, next),
          do: (state) => {
            const wasInit = state.schedulers[next] === 'init'
            const waiting = to(state, i, 'wait')
            return {
              schedulers: wasInit ? put(waiting, next, 'to_start') : waiting,
              done: put(state.done, i, 0),
              ready: wasInit ? put(state.ready, i, 0) : put(put(state.ready, i, 0), next, 1),
            }
          },
        },
        finished: {
          when: ({ schedulers, customers, done }) =>
            schedulers[i] === 'wait' && done[i] === 0 && customers[i] === 'running',
          do: ({ customers, done }) => ({ customers: put(customers, i, 'finished'), done: put(done, i, 1) }),
        },
        again: {
          when: ({ schedulers, done, ready }) => schedulers[i] === 'wait' && done[i] === 1 && ready[i] === 1,
          do: (state) => ({ schedulers: to(state, i, 'to_start') }),
        },
      }
    }),
  )
}
