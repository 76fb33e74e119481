/** What does not fit does not compile. Each line that must not is marked; the compiler complains when one does (`npm run check`). */
import { expect, test } from 'vitest'
import {
  always,
  call,
  field,
  kfree,
  kref,
  kref_get,
  kzalloc,
  loop,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  not,
  object,
  pointer,
  procedure,
  read,
  refcount_inc,
  refcount_t,
  ret,
  set,
  spin_lock,
  spinlock,
  struct,
  when,
  write,
  type Step,
} from '../../kernel/index.ts'

const m = mutex('m')
const s = spinlock('s')
const x = field('x', 0)
const name = field('name', 'none')
const request = struct('request', { lock: mutex(), spin: spinlock(), ref: kref(1), len: 0, done: false })
const reply = struct('reply', { len: 0 })
const req = pointer(request)
const current = field('current', pointer(request))
const users = refcount_t('users', 1)

/** Never run. */
const notRun = (): readonly unknown[] => [
  procedure('fits', { n: 0, got: false, req }, [
    mutex_lock(m),
    mutex_lock('req->lock'),
    read(x, 'n'),
    read('req->len', 'n'),
    read(current, 'req'),
    write(x, ({ n }) => n + 1),
    write('req->done', true),
    mutex_trylock('req->lock', 'got'),
    when(({ n }) => n > 0, [kfree('req'), loop('n', [set('n', ({ n }) => n - 1), read(x, 'n')])]),
    when(not('req'), [ret('-ENOENT')]),
    kref_get('req->ref'),
    refcount_inc(users),
    kzalloc(request, 'req'),
  ]),
  procedure('locks', { req }, [
    // @ts-expect-error -- a spinlock is no mutex
    mutex_lock(s),
    // @ts-expect-error -- nor is one in an object
    mutex_lock('req->spin'),
    // @ts-expect-error -- a mutex is no spinlock
    spin_lock('req->lock'),
    // @ts-expect-error -- there is no such member
    mutex_lock('req->lok'),
    // @ts-expect-error -- there is no such local
    mutex_unlock('rq->lock'),
    // @ts-expect-error -- whether it is had is no number
    mutex_trylock<{ n: number }>(m, 'n'),
  ]),
  procedure('data', { n: 0, text: '', req, reply: pointer(reply) }, [
    // @ts-expect-error -- a number is kept in no text
    read(x, 'text'),
    // @ts-expect-error -- there is no such local
    read(x, 'm'),
    // @ts-expect-error -- a text is no number
    write(x, 'one'),
    // @ts-expect-error -- nor is what the function gives
    write(x, ({ text }) => text),
    // @ts-expect-error -- a number is no text
    write(name, ({ n }) => n),
    // @ts-expect-error -- a flag is no number
    read('req->done', 'n'),
    // @ts-expect-error -- a number is no flag
    write('req->done', 1),
    // @ts-expect-error -- a lock is not read
    read('req->lock', 'n'),
    // @ts-expect-error -- n points to nothing
    kfree('n'),
    // @ts-expect-error -- a reply is no request
    kzalloc(request, 'reply'),
    // @ts-expect-error -- a kref is no refcount_t
    refcount_inc('req->ref'),
    // @ts-expect-error -- and the other way round
    kref_get(users),
    // @ts-expect-error -- a local that is not there
    when(({ m }) => m > 0, []),
    // @ts-expect-error -- nor by name
    when('m', []),
    // @ts-expect-error -- what is set fits the local
    set('n', 'one'),
  ]),
  // @ts-expect-error -- a list of steps, not a step
  procedure('steps', mutex_lock(m)),
  // @ts-expect-error -- a word, not called
  procedure('called', [mutex_lock]),
  // @ts-expect-error -- a struct has no such field
  object('r', request, { leng: 1 }),
  // @ts-expect-error -- nor of this type
  object('r', request, { len: 'one' }),
  procedure('calls', { n: 0 }, [
    call(procedure('add', { by: 0 }, []), { with: ({ n }) => ({ by: n }) }),
    // @ts-expect-error -- add has no such argument
    call(procedure('add', { by: 0 }, []), { with: ({ n }) => ({ to: n }) }),
    // @ts-expect-error -- nor of this type
    call(procedure('add', { by: 0 }, []), { with: () => ({ by: 'one' }) }),
  ]),
]

/** Never run. */
const claims = (): readonly unknown[] => [
  always('what a view has', (w) => w.thread('a').finished || w.field('x') === 1),
  // @ts-expect-error -- a word that the view does not have
  always('what it has not', (w) => w.finshed),
  // @ts-expect-error -- a thread has no such thing
  always('nor a thread', (w) => w.thread('a').result_ === 0),
]

test('steps that need few locals fit procedures that have more, and not the other way round', () => {
  const few: Step<{ readonly n: number }> = read(x, 'n')
  const more: Step<{ readonly n: number; readonly m: number }> = few
  // @ts-expect-error -- a procedure without m would run it
  const fewer: Step<{ readonly n: number }> = more
  expect([fewer, typeof notRun, typeof claims]).toEqual([few, 'function', 'function'])
})
