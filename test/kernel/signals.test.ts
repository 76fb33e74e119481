/** Waits that a signal ends. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  fatal_signal_pending,
  kernel,
  mutex,
  mutex_lock,
  mutex_lock_interruptible,
  mutex_lock_killable,
  mutex_unlock,
  object,
  procedure,
  ret,
  send_sig,
  signal_pending,
  sometimes,
  struct,
  when,
  type Step,
} from '../../kernel/index.ts'

const [m, other] = [mutex('m'), mutex('other')]
type Locals = Step<{ readonly err: number }>

/** Holds m for good. */
const holds = procedure('holds', [mutex_lock(m)])
const waits = (lock: Locals) => procedure('waits', { err: 0 }, [lock, when('err', [ret('-EINTR')]), mutex_unlock(m)])
const kills = (signal: 'SIGKILL' | 'SIGUSR1') => procedure('kills', [send_sig(signal, 'b')])

const killable: Locals = mutex_lock_killable(m, 'err')
const interruptible: Locals = mutex_lock_interruptible(m, 'err')
const uninterruptible: Locals = mutex_lock(m)

const look = async (lock: Locals, signal: 'SIGKILL' | 'SIGUSR1') => {
  const report = await explore(kernel({ threads: { a: holds, b: waits(lock), c: kills(signal) } }), [
    sometimes('it is interrupted', (w) => w.thread('b').returned === '-EINTR'),
    sometimes('it has the lock', (w) => w.thread('b').returned === 0),
  ])
  expect(report.exhaustive).toBe(true)
  return [report.findings.map(({ title }) => title), ...report.properties.map(({ verdict }) => verdict)]
}

describe('who waits for a mutex that nobody gives back', () => {
  test.each([
    ['killable: a fatal signal ends it', killable, 'SIGKILL', [[], 'seen', 'seen']],
    ['killable: no other does', killable, 'SIGUSR1', [['deadlock at m'], 'unseen', 'seen']],
    ['interruptible: any does', interruptible, 'SIGUSR1', [[], 'seen', 'seen']],
    ['interruptible: a fatal one does', interruptible, 'SIGKILL', [[], 'seen', 'seen']],
    ['uninterruptible: none does', uninterruptible, 'SIGKILL', [['deadlock at m'], 'unseen', 'seen']],
  ] as const)('%s', async (_, lock, signal, outcome) => {
    expect(await look(lock, signal)).toEqual(outcome)
  })
})

test('a mutex that is free is had whatever signals there are', async () => {
  const run = procedure('run', { err: 0 }, [
    send_sig('SIGKILL', 'b'),
    mutex_lock_killable(m, 'err'),
    when('err', [ret('-EINTR')]),
    mutex_unlock(m),
  ])
  const report = await explore(kernel({ threads: { b: run } }), [
    always('it is had', (w) => w.thread('b').returned === 0, { when: (w) => w.finished }),
  ])
  expect(report).toMatchObject({ findings: [], exhaustive: true, properties: [{ verdict: 'holds' }] })
})

test('a deadlock of two is none when one of them can be killed, and is', async () => {
  const one = procedure('one', { err: 0 }, [
    mutex_lock(m),
    mutex_lock_killable(other, 'err'),
    when('err', [mutex_unlock(m), ret('-EINTR')]),
    mutex_unlock(other),
    mutex_unlock(m),
  ])
  const two = procedure('two', [mutex_lock(other), mutex_lock(m), mutex_unlock(m), mutex_unlock(other)])
  const kill = procedure('kill', [send_sig('SIGKILL', 'a')])
  const titles = async (threads: Parameters<typeof kernel>[0]['threads']) =>
    (await explore(kernel({ threads }))).findings.map(({ title }) => title).sort()
  expect(await titles({ a: one, b: two })).toEqual(['deadlock at m and other', 'lock order m → other → m'])
  expect(await titles({ a: one, b: two, c: kill })).toEqual(['lock order m → other → m'])
})

test('a lock in an object is killable as any other', async () => {
  const ctx = struct('ctx', { lock: mutex() })
  const dev = object('dev', ctx)
  const keeps = procedure('keeps', { dev }, [mutex_lock('dev->lock')])
  const run = procedure('run', { dev, err: 0 }, [
    mutex_lock_killable('dev->lock', 'err'),
    when(({ err }) => err === 0, [mutex_unlock('dev->lock')]),
    ret(({ err }) => err),
  ])
  const report = await explore(kernel({ threads: { a: keeps, b: run, c: kills('SIGKILL') } }), [
    sometimes('it is interrupted', (w) => w.thread('b').returned === -4),
  ])
  expect(report).toMatchObject({ findings: [], exhaustive: true, properties: [{ verdict: 'seen' }] })
})

test('a thread can look for signals itself', async () => {
  const looks = procedure('looks', { some: false, fatal: false }, [
    signal_pending('some'),
    fatal_signal_pending('fatal'),
    ret(({ some, fatal }) => `${some} ${fatal}`),
  ])
  const report = await explore(kernel({ threads: { b: looks, c: kills('SIGUSR1') } }), [
    sometimes('none yet', (w) => w.thread('b').returned === 'false false'),
    sometimes('one that it may catch', (w) => w.thread('b').returned === 'true false'),
    always('none that ends it', (w) => !String(w.thread('b').returned).endsWith('true'), {
      when: (w) => w.finished,
    }),
  ])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'holds'])
})

test('a signal to nobody is an error that says who there is', () => {
  expect(() => kernel({ threads: { thread1: holds, b: procedure('p', [send_sig('SIGKILL', 'thread')]) } })).toThrow(
    /no thread "thread" to send a signal to. Did you mean "thread1"\?/,
  )
})
