/** What does not fit of the words that wait does not compile. Each line that must not is marked; the compiler complains when one does. */
import { expect, test } from 'vitest'
import {
  call_rcu,
  complete,
  completion,
  field,
  flush_work,
  INIT_WORK,
  mod_timer,
  mutex,
  object,
  procedure,
  queue_delayed_work,
  rcu_head,
  read_seqcount_begin,
  schedule_work,
  seqcount_t,
  srcu_read_lock,
  struct,
  system_wq,
  timer_list,
  timer_setup,
  wait_event,
  wait_for_completion,
  wait_for_completion_timeout,
  wait_queue_head,
  wake_up,
  work_struct,
} from '../../kernel/index.ts'

const ctx = struct('ctx', {
  done: completion(),
  wq: wait_queue_head(),
  work: work_struct(),
  timer: timer_list(),
  rcu: rcu_head(),
  seq: seqcount_t(),
  n: 0,
})
const dev = object('dev', ctx)
const flag = field('flag', false)
const nothing = procedure('nothing', [])
const m = mutex('m')

/** Never run. */
const notRun = (): readonly unknown[] => [
  procedure('fits', { dev, n: 0, got: false }, [
    complete('dev->done'),
    wait_for_completion('dev->done'),
    wait_for_completion_timeout('dev->done', 'n'),
    wait_event('dev->wq', flag),
    wait_event('dev->wq', 'dev->n'),
    wait_event('dev->wq', { look: [], until: ({ n }) => n > 0 }),
    wake_up('dev->wq'),
    INIT_WORK('dev->work', nothing),
    schedule_work('dev->work', 'got'),
    flush_work('dev->work'),
    timer_setup('dev->timer', nothing),
    mod_timer('dev->timer', 'got'),
    call_rcu('dev->rcu', nothing),
    read_seqcount_begin('dev->seq', 'n'),
  ]),
  procedure('does_not', { dev, n: 0, got: false }, [
    // @ts-expect-error -- a wait queue is not completed
    complete('dev->wq'),
    // @ts-expect-error -- it gives a number
    wait_for_completion_timeout('dev->done', 'got'),
    // @ts-expect-error -- a completion is not slept on
    wait_event('dev->done', flag),
    // @ts-expect-error -- a mutex is no condition
    wait_event('dev->wq', m),
    // @ts-expect-error -- there is no such local
    wait_event('dev->wq', { look: [], until: ({ gone }) => gone }),
    // @ts-expect-error -- a timer is no work
    flush_work('dev->timer'),
    // @ts-expect-error -- work has no delay
    queue_delayed_work(system_wq, 'dev->work'),
    // @ts-expect-error -- work is no timer
    mod_timer('dev->work'),
    // @ts-expect-error -- a callback is queued by an rcu_head
    call_rcu('dev->work', nothing),
    // @ts-expect-error -- RCU is no domain of SRCU
    srcu_read_lock(m),
    // @ts-expect-error -- it gives a number
    read_seqcount_begin('dev->seq', 'got'),
  ]),
]

test('types are checked by the compiler', () => {
  expect(notRun).toBeTypeOf('function')
})
