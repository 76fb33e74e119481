/** Random programs in the kernel's words: what threads might do to a few locks, variables and objects. Some of it is wrong, most is not. */
import fc from 'fast-check'
import { toSystem } from '../../actors/running/system.ts'
import type { Property, System } from '../../explore/system.ts'
import {
  alloc_workqueue,
  always,
  atomic_inc,
  atomic_t,
  call,
  call_rcu,
  cancel_work_sync,
  complete,
  completion,
  down_read,
  down_write,
  drain_workqueue,
  choose,
  field,
  flush_work,
  INIT_WORK,
  kernel,
  kfree,
  kref,
  kref_get,
  kref_put,
  kzalloc,
  local_irq_restore,
  local_irq_save,
  list_add,
  list_add_rcu,
  list_del,
  list_del_rcu,
  list_empty,
  list_first_entry_or_null,
  list_for_each_entry,
  list_for_each_entry_rcu,
  list_head,
  loop,
  mod_timer,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  not,
  object,
  pointer,
  procedure,
  queue_work,
  raise_softirq,
  rcu_head,
  rcu_read_lock,
  rcu_read_unlock,
  read,
  read_seqbegin,
  read_seqcount_begin,
  read_seqretry,
  READ_ONCE,
  ret,
  rw_semaphore,
  schedule_work,
  seqcount_t,
  seqlock_t,
  set,
  softirq,
  sometimes,
  spin_lock,
  spin_lock_bh,
  spin_lock_irq,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irq,
  spinlock,
  struct,
  synchronize_rcu,
  tasklet_kill,
  tasklet_schedule,
  tasklet_struct,
  timer_delete_sync,
  timer_list,
  timer_shutdown_sync,
  try_wait_for_completion,
  up_read,
  up_write,
  wait_event,
  wait_event_exclusive,
  wait_event_interruptible,
  wait_for_completion,
  wait_queue_head,
  wait_var_event,
  wake_up,
  wake_up_interruptible,
  wake_up_var,
  when,
  work_struct,
  write,
  WRITE_ONCE,
  write_seqcount_begin,
  write_seqcount_end,
  write_seqlock,
  write_sequnlock,
  xa_erase,
  xa_load,
  xa_store,
  xarray,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

/** What all threads share. */
const things = () => {
  const [m, s, x] = [mutex('m'), spinlock('s'), field('x', 0)]
  const wqs = alloc_workqueue('wqs')
  const request = struct('request', { ref: kref(1), lock: mutex(), work: work_struct(), rcu: rcu_head(), n: 0 })
  return {
    m,
    s,
    sem: rw_semaphore('sem'),
    n: atomic_t('n', 0),
    request,
    current: field('current', pointer(request)),
    shared: object('shared', request, { ref: 2 }),
    queue: list_head('queue'),
    table: xarray('table'),
    done: completion('done'),
    wq: wait_queue_head('wq'),
    seq: seqcount_t('seq'),
    sl: seqlock_t('sl'),
    wqs,
    queued: work_struct('queued', procedure('runs_queued', [WRITE_ONCE(x, 1)]), { on: wqs }),
    x,
    work: work_struct('work', procedure('works', [mutex_lock(m), write(x, 1), mutex_unlock(m)])),
    softly: softirq('softly', procedure('softly_action', [spin_lock(s), spin_unlock(s)])),
    tasklet: tasklet_struct('tasklet', procedure('tasklet_fn', [write(x, 1)])),
    timer: timer_list('timer', procedure('expires', [spin_lock(s), spin_unlock(s)])),
  }
}
type Things = ReturnType<typeof things>

type Request = Things['shared']
interface Locals {
  readonly v: number
  readonly seen: number
  readonly got: boolean
  readonly req: Request | null
  readonly shared: Request
}
type Steps = readonly Step<Locals>[]

/** Pieces of a program, by name, so that a failing one can be read. `inside`: what stands in it. */
const pieces: Readonly<
  Record<string, (t: Things, inside: Steps, release: Procedure<{ req: Request | null }>) => Steps>
> = {
  mutex: ({ m }, inside) => [mutex_lock(m), ...inside, mutex_unlock(m)],
  spin: ({ s }, inside) => [spin_lock(s), ...inside, spin_unlock(s)],
  irq: ({ s }, inside) => [spin_lock_irq(s), ...inside, spin_unlock_irq(s)],
  'irqs off': (_, inside) => [local_irq_save('v'), ...inside, local_irq_restore('v')],
  readers: ({ sem }, inside) => [down_read(sem), ...inside, up_read(sem)],
  writer: ({ sem }, inside) => [down_write(sem), ...inside, up_write(sem)],
  try: ({ m }, inside) => [mutex_trylock(m, 'got'), when('got', [...inside, mutex_unlock(m)])],
  forget: ({ m }, inside) => [mutex_lock(m), ...inside],
  'stray unlock': ({ m }) => [mutex_unlock(m)],
  add: ({ x }) => [read(x, 'v'), write(x, ({ v }) => (v + 1) % 3)],
  mark: ({ x }) => [WRITE_ONCE(x, 1)],
  count: ({ n }) => [atomic_inc(n)],
  get: () => [kref_get('shared->ref')],
  put: (_, __, release) => [kref_put('shared->ref', release, { with: ({ shared }) => ({ req: shared }) })],
  touch: () => [write('shared->n', 1)],
  make: ({ request, current }) => [kzalloc(request, 'req'), write(current, ({ req }) => req), set('req', null)],
  use: ({ current }) => [read(current, 'req'), when('req', [write('req->n', 2)])],
  free: ({ current }) => [read(current, 'req'), write(current, null), kfree('req')],
  queue: ({ queue }) => [list_add('shared', queue)],
  dequeue: ({ queue }) => [list_first_entry_or_null(queue, 'req'), when('req', [list_del('req', queue)])],
  store: ({ table }) => [xa_store(table, 0, 'shared')],
  load: ({ table }) => [xa_load(table, 0, 'req'), when(not('req'), [ret('-ENOENT')])],
  erase: ({ table }) => [xa_erase(table, 0)],
  choose: (_, inside) => [choose(inside, [])],
  complete: ({ done }) => [complete(done)],
  'wait for it': ({ done }) => [wait_for_completion(done)],
  'try to': ({ done }, inside) => [try_wait_for_completion(done, 'got'), when('got', inside)],
  sleep: ({ wq, x }) => [wait_event(wq, x)],
  wake: ({ wq, x }) => [WRITE_ONCE(x, 1), wake_up(wq)],
  'wake only': ({ wq }) => [wake_up(wq)],
  work: ({ work }) => [schedule_work(work)],
  'flush it': ({ work }) => [flush_work(work)],
  'cancel it': ({ work }) => [cancel_work_sync(work)],
  timer: ({ timer }) => [mod_timer(timer)],
  'delete it': ({ timer }) => [timer_delete_sync(timer)],
  'reader of RCU': (_, inside) => [rcu_read_lock(), ...inside, rcu_read_unlock()],
  synchronize: () => [synchronize_rcu()],
  later: ({ request }, _, release) => [kzalloc(request, 'req'), when('req', [call_rcu('req->rcu', release)])],
  'work on it': ({ request }, _, release) => [
    kzalloc(request, 'req'),
    INIT_WORK('req->work', release),
    schedule_work('req->work'),
  ],
  sequence: ({ seq }, inside) => [write_seqcount_begin(seq), ...inside, write_seqcount_end(seq)],
  'write locked': ({ sl }, inside) => [write_seqlock(sl), ...inside, write_sequnlock(sl)],
  'read until none writes': ({ sl, x }) => [
    read_seqbegin(sl, 'v'),
    READ_ONCE(x, 'seen'),
    read_seqretry(sl, 'v', 'got'),
  ],
  'softirqs off': ({ s }, inside) => [spin_lock_bh(s), ...inside, spin_unlock_bh(s)],
  raise: ({ softly }) => [raise_softirq(softly)],
  tasklet: ({ tasklet }) => [tasklet_schedule(tasklet)],
  'kill it': ({ tasklet }) => [tasklet_kill(tasklet)],
  'shut it down': ({ timer }) => [timer_shutdown_sync(timer)],
  'queue it': ({ queued, wqs }) => [queue_work(wqs, queued)],
  'drain it': ({ wqs }) => [drain_workqueue(wqs)],
  'sleep alone': ({ wq, x }) => [wait_event_exclusive(wq, x)],
  'sleep until a signal': ({ wq, x }) => [wait_event_interruptible(wq, x, 'v')],
  'wake those': ({ wq }) => [wake_up_interruptible(wq)],
  'sleep by address': ({ x }) => [wait_var_event(x, x)],
  'wake by address': ({ x }) => [WRITE_ONCE(x, 1), wake_up_var(x)],
  walk: ({ queue }) => [list_for_each_entry('req', queue, [read('req->n', 'v')])],
  'look whether any': ({ queue }, inside) => [list_empty(queue, 'got'), when('got', inside)],
  publish: ({ queue }) => [list_add_rcu('shared', queue)],
  unpublish: ({ queue }) => [list_first_entry_or_null(queue, 'req'), when('req', [list_del_rcu('req', queue)])],
  'walk as a reader': ({ queue }) => [rcu_read_lock(), list_for_each_entry_rcu('req', queue, []), rcu_read_unlock()],
  'read in sequence': ({ seq }) => [read_seqcount_begin(seq, 'v')],
  wait: ({ x }, inside) => [read(x, 'v'), loop(({ v }) => v === 2, [...inside, read(x, 'v'), set('v', 0)])],
}

export interface Piece {
  readonly what: string
  readonly inside: readonly Piece[]
}
/** Threads, each with its pieces. */
export type Program = readonly (readonly Piece[])[]

const names = Object.keys(pieces)
const piece: fc.Arbitrary<Piece> = fc.letrec<{ piece: Piece }>((tie) => ({
  piece: fc.record({
    what: fc.constantFrom(...names),
    inside: fc.oneof({ depthSize: 'small', maxDepth: 1 }, fc.constant([]), fc.array(tie('piece'), { maxLength: 2 })),
  }),
})).piece

export const programs: fc.Arbitrary<Program> = fc.array(fc.array(piece, { minLength: 1, maxLength: 2 }), {
  minLength: 2,
  maxLength: 2,
})

/** What an interrupt runs. */
export const handlers: fc.Arbitrary<readonly Piece[]> = fc.array(piece, { minLength: 1, maxLength: 1 })

/**
 * The program as a system, with claims that read variables, threads and objects. `handler`: what an interrupt runs; the first thread is on the
 * processor to which it comes.
 */
export function systemOf(
  program: Program,
  handler?: readonly Piece[],
): { readonly system: System; readonly properties: readonly Property[] } {
  const t = things()
  const release = procedure('release', { req: pointer(t.request) }, [kfree('req')])
  const stepsOf = (run: readonly Piece[]): Steps =>
    run.flatMap(({ what, inside }) => pieces[what]!(t, stepsOf(inside), release))
  const locals: Locals = { v: 0, seen: 0, got: false, req: pointer(t.request), shared: t.shared }
  const threads = program.map((run, n) => {
    const inner = procedure(`inner${n}`, locals, stepsOf(run.slice(1)))
    // The second half of a thread is a call: the reduction has to know whose it is.
    return [`t${n}`, procedure(`p${n}`, locals, [...stepsOf(run.slice(0, 1)), call(inner)])] as const
  })
  const [[first, run], ...others] = threads as [(typeof threads)[number], ...typeof threads]
  const world = kernel({
    threads: { [first]: handler ? { run, on: 'cpu0' } : run, ...Object.fromEntries(others) },
    objects: [t.x, t.n],
    ...(handler && { interrupts: { irq: { on: 'cpu0', handler: procedure('handler', locals, stepsOf(handler)) } } }),
  })
  return {
    system: toSystem(world),
    properties: [
      always('x is small', (w) => w.field('x') < 2),
      sometimes('both return', (w) => w.finished),
      sometimes('the first alone returns', (w) => w.thread('t0').finished && !w.thread('t1').finished),
    ],
  }
}
