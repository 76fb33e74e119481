/** User space: memory that may fault, files that live as long as somebody refers to them, eventfds that call back. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  close,
  copy_from_user,
  copy_to_user,
  down_write,
  EPOLLHUP,
  eventfd,
  eventfd_ctx_fdget,
  eventfd_ctx_put,
  eventfd_ctx_remove_wait_queue,
  eventfd_signal,
  exit_files,
  fd_install,
  fget,
  field,
  file,
  fput,
  get_user,
  kernel,
  kfree,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  procedure,
  put_user,
  ret,
  rw_semaphore,
  sometimes,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  up_write,
  when,
  write,
  WRITE_ONCE,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'
import { found } from './find.ts'

const [m, s, mmap_lock, x] = [mutex('m'), spinlock('s'), rw_semaphore('mmap_lock'), field('x', 0)]
const steps = (name: string, ...all: readonly Step[]) => procedure(name, all)

const titles = async (threads: Readonly<Record<string, Procedure>>): Promise<readonly string[]> => {
  const { findings, exhaustive } = await explore(kernel({ threads }))
  expect(exhaustive).toBe(true)
  return findings.map(({ title }) => title)
}

describe('user memory', () => {
  const locals = { left: 0 }
  test.each([
    ['copy_from_user', copy_from_user, 1],
    ['copy_to_user', copy_to_user, 1],
    ['get_user', get_user, -14],
    ['put_user', put_user, -14],
  ] as const)('%s may fault, or not', async (_, word, wrong) => {
    const run = procedure('run', locals, [word('left'), ret(({ left }) => left)])
    const { properties } = await explore(kernel({ threads: { a: run } }), [
      sometimes('it is there', (w) => w.thread('a').returned === 0),
      sometimes('it is not', (w) => w.thread('a').returned === wrong),
      always('nothing else', (w) => [0, wrong].includes(Number(w.thread('a').returned)), { when: (w) => w.finished }),
    ])
    expect(properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'holds'])
  })
  test('may be waited for, whether it is or not', async () => {
    const run = procedure('run', locals, [spin_lock(s), copy_from_user('left'), spin_unlock(s)])
    expect(await titles({ a: run })).toEqual([
      'BUG: sleeping function called from invalid context in run: left = copy_from_user()',
    ])
  })
  test('is behind mmap_lock, which whoever maps has taken before the lock of the driver', async () => {
    const maps = steps('mmap', down_write(mmap_lock), mutex_lock(m), mutex_unlock(m), up_write(mmap_lock))
    const ioctl = (...inside: readonly Step<{ left: number }>[]) => procedure('ioctl', locals, [...inside])
    const copies = copy_from_user<{ left: number }>('left', { mmap_lock })
    expect(await titles({ a: maps, b: ioctl(mutex_lock(m), copies, mutex_unlock(m)) })).toEqual([
      'lock order m → mmap_lock → m',
      'deadlock at m and mmap_lock',
    ])
    expect(await titles({ a: maps, b: ioctl(copies, mutex_lock(m), mutex_unlock(m)) })).toEqual([])
  })
})

describe('a file', () => {
  const dev = struct('dev', { n: 0 })
  const it = object('it', dev)
  const release = procedure('release', { dev: it }, [kfree('dev')])
  const f = file('f', { release })
  const uses = procedure('uses', { got: false, dev: it }, [fget(f, 'got'), when('got', [write('dev->n', 1), fput(f)])])
  test('lives until the last reference is put', async () => {
    expect(await titles({ a: uses, b: steps('closes', close(f)) })).toEqual([])
  })
  test('is released under whoever has not looked it up', async () => {
    const without = procedure('uses', { dev: it }, [write('dev->n', 1)])
    expect(await titles({ a: without, b: steps('closes', close(f)) })).toEqual(['use-after-free in uses'])
  })
  test('is put once too often', async () => {
    const twice = procedure('twice', { got: false }, [fget(f, 'got'), when('got', [fput(f), fput(f)])])
    expect(await titles({ a: twice, b: steps('closes', close(f)) })).toContain('use-after-free in fput')
  })
  test('is released later by a worker, unless its close was the last: then before that is over', async () => {
    const done = steps('done', WRITE_ONCE(x, 1))
    const g = file('g', { release: done })
    const holds = procedure('holds', { got: false }, [fget(g, 'got'), when('got', [fput(g)])])
    const { properties } = await explore(kernel({ threads: { a: steps('closes', close(g)), b: holds } }), [
      sometimes('closed and not released', (w) => w.thread('a').finished && w.field('x') === 0),
      sometimes('put, all is over, and not released', (w) => w.finished && w.field('x') === 0),
      sometimes('released', (w) => w.finished && w.field('x') === 1),
    ])
    expect(properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'seen'])
    const alone = await explore(kernel({ threads: { a: steps('closes', close(g)) } }), [
      always('released', (w) => w.field('x') === 1, { when: (w) => w.finished }),
    ])
    expect(alone.properties[0]!.verdict).toBe('holds')
  })
  test('that is installed before it is ready can be looked up and closed by others', async () => {
    const h = file('h', { release, open: false })
    const opens = (...all: readonly Step<{ dev: typeof it }>[]) => procedure('opens', { dev: it }, all)
    const closes = steps('closes', close(h))
    expect(await titles({ a: opens(fd_install(h), write('dev->n', 1)), b: closes })).toEqual([
      'use-after-free in opens',
    ])
    expect(await titles({ a: opens(write('dev->n', 1), fd_install(h)), b: closes })).toEqual([])
  })
  test('is closed when its process exits', async () => {
    expect(
      await titles({ a: steps('exits', exit_files(f)), b: procedure('late', { dev: it }, [write('dev->n', 1)]) }),
    ).toEqual(['use-after-free in late'])
  })
})

describe('an eventfd', () => {
  const wakeup = (...inside: readonly Step<{ key: number }>[]) => procedure('irqfd_wakeup', { key: 0 }, [...inside])
  test('calls back under the lock of its wait queue, where nobody may sleep', async () => {
    const efd = eventfd('efd', { wakeup: wakeup(mutex_lock(m), mutex_unlock(m)) })
    expect(await found([eventfd_signal(efd)])).toEqual([
      'BUG: sleeping function called from invalid context in irqfd_wakeup: mutex_lock(m)',
    ])
  })
  test('calls back once more when its file is closed', async () => {
    const efd = eventfd('efd', { wakeup: wakeup(when(({ key }) => key === EPOLLHUP, [WRITE_ONCE(x, 1)])) })
    const efile = file('efd_file', { release: efd.release })
    const run = (...all: readonly Step[]) => kernel({ threads: { a: steps('run', ...all) }, objects: [x] })
    const hup = [sometimes('HUP', (w: { field(name: string): unknown }) => w.field('x') === 1)]
    expect((await explore(run(eventfd_signal(efd)), hup)).properties[0]!.verdict).toBe('unseen')
    expect((await explore(run(close(efile)), hup)).properties[0]!.verdict).toBe('seen')
  })
  test('does so no more when whoever stood there has left', async () => {
    const dev = struct('irqfd', { n: 0 })
    const irqfd = object('it', dev)
    const calls = procedure('irqfd_wakeup', { key: 0, irqfd }, [write('irqfd->n', 1)])
    const efd = eventfd('efd', { wakeup: calls })
    const shutdown = (...before: readonly Step<{ left: number }>[]) =>
      procedure('shutdown', { irqfd, left: 0 }, [...before, kfree('irqfd')])
    const signals = steps('signals', eventfd_signal(efd))
    expect(await titles({ a: signals, b: shutdown() })).toEqual(['use-after-free in irqfd_wakeup'])
    expect(await titles({ a: signals, b: shutdown(eventfd_ctx_remove_wait_queue(efd, 'left')) })).toEqual([])
  })
  test('is gone with its last reference', async () => {
    const efd = eventfd('efd')
    const efile = file('efd_file', { release: efd.release })
    const closes = steps('closes', close(efile))
    expect(await titles({ a: steps('signals', eventfd_signal(efd)), b: closes })).toEqual([
      'use-after-free in eventfd_signal',
    ])
    const keeps = procedure('keeps', { got: false }, [
      fget(efile, 'got'),
      when('got', [eventfd_ctx_fdget(efd), fput(efile), eventfd_signal(efd), eventfd_ctx_put(efd)]),
    ])
    expect(await titles({ a: keeps, b: closes })).toEqual([])
  })
  test('whose owner takes it away under the lock that its callback wants: a deadlock', async () => {
    const efd = eventfd('efd', { wakeup: wakeup(spin_lock(s), spin_unlock(s)) })
    const removes = procedure('removes', { left: 0 }, [
      spin_lock(s),
      eventfd_ctx_remove_wait_queue(efd, 'left'),
      spin_unlock(s),
    ])
    expect(await titles({ a: steps('signals', eventfd_signal(efd)), b: removes })).toEqual([
      'deadlock at efd.wqh and s',
      'lock order efd.wqh → s → efd.wqh',
    ])
  })
})
