/** Waiters of whom one is woken at a time, waiters for variables, and who is woken by whom. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  field,
  kernel,
  kfree,
  kzalloc,
  object,
  pointer,
  procedure,
  READ_ONCE,
  send_sig,
  struct,
  wait_event,
  wait_event_exclusive,
  wait_event_interruptible,
  wait_event_killable_exclusive,
  wait_queue_head,
  wait_var_event,
  wake_up,
  wake_up_all,
  wake_up_interruptible,
  wake_up_nr,
  wake_up_var,
  WRITE_ONCE,
  xchg,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'

const wq = wait_queue_head('wq')
const ready = field('ready', 0)
const says = (...steps: readonly Step[]) => procedure('says', [WRITE_ONCE(ready, 1), ...steps])

const titles = async (threads: Readonly<Record<string, Procedure>>) => {
  const { findings, exhaustive } = await explore(kernel({ threads }))
  expect(exhaustive).toBe(true)
  return findings.map(({ title }) => title)
}

describe('two wait exclusively', () => {
  const waits = procedure('waits', [wait_event_exclusive(wq, ready)])
  test('and one of them sleeps on when somebody wakes one', async () => {
    expect(await titles({ a: waits, b: waits, c: says(wake_up(wq)) })).toEqual(['deadlock at wq'])
    expect(await titles({ a: waits, c: says(wake_up(wq)) })).toEqual([])
  })
  test('and none does when all are woken, or as many as there are', async () => {
    expect(await titles({ a: waits, b: waits, c: says(wake_up_all(wq)) })).toEqual([])
    expect(await titles({ a: waits, b: waits, c: says(wake_up_nr(wq, 2)) })).toEqual([])
    expect(await titles({ a: waits, b: waits, c: says(wake_up(wq), wake_up(wq)) })).toEqual([])
  })
  test('and whoever was woken passes it on', async () => {
    const passes = procedure('passes', [wait_event_exclusive(wq, ready), wake_up(wq)])
    expect(await titles({ a: passes, b: passes, c: says(wake_up(wq)) })).toEqual([])
  })
  test('and whoever does not wait so is woken beside one of them', async () => {
    const all = procedure('all', [wait_event(wq, ready)])
    expect(await titles({ a: waits, b: all, c: says(wake_up(wq)) })).toEqual([])
  })
})

test('whoever a signal takes off the queue takes no wake-up with him', async () => {
  const killable = procedure('killable', { r: 0 }, [wait_event_killable_exclusive(wq, ready, 'r')])
  const waits = procedure('waits', [wait_event_exclusive(wq, ready)])
  const kills = procedure('kills', [send_sig('SIGKILL', 'a'), WRITE_ONCE(ready, 1), wake_up(wq)])
  expect(await titles({ a: killable, c: kills })).toEqual([])
  // Killed after he was woken he is awake, and passes nothing on.
  expect(await titles({ a: killable, b: waits, c: kills })).toEqual(['deadlock at wq'])
})

test('wake_up_interruptible leaves those asleep who wait for no signal', async () => {
  const waits = procedure('waits', [wait_event(wq, ready)])
  const listens = procedure('listens', { r: 0 }, [wait_event_interruptible(wq, ready, 'r')])
  expect(await titles({ a: waits, c: says(wake_up_interruptible(wq)) })).toEqual(['deadlock at wq'])
  expect(await titles({ a: listens, c: says(wake_up_interruptible(wq)) })).toEqual([])
})

describe('wait_var_event', () => {
  const other = field('other', 0)
  const waits = procedure('waits', [wait_var_event(ready, ready)])
  test('sleeps until somebody wakes by that very variable', async () => {
    expect(await titles({ a: waits, c: says(wake_up_var(ready)) })).toEqual([])
    expect(await titles({ a: waits, c: says(wake_up_var(other)) })).toEqual(['deadlock at bit_wait_table'])
    expect(await titles({ a: waits, c: says() })).toEqual(['deadlock at bit_wait_table'])
  })
  test('of a member waits for that of its object; to wake by one that is gone touches nothing', async () => {
    const dev = struct('dev', { users: 0 })
    const one = object('first', dev, { users: 1 })
    const two = object('second', dev, { users: 1 })
    const leaves = (of: typeof one) =>
      procedure('leaves', { d: of }, [WRITE_ONCE('d->users', 0), wake_up_var('d->users')])
    const drains = procedure('drains', { d: one, n: 0 }, [
      wait_var_event('d->users', { look: [READ_ONCE('d->users', 'n')], until: ({ n }) => n === 0 }),
    ])
    expect(await titles({ a: drains, b: leaves(one) })).toEqual([])
    expect(await titles({ a: drains, b: leaves(two) })).toEqual(['deadlock at bit_wait_table'])
    const late = procedure('late', { d: pointer(dev) }, [kzalloc(dev, 'd'), kfree('d'), wake_up_var('d->users')])
    expect(await titles({ a: late })).toEqual([])
  })
})

test('a token is had by one of two who wait for it exclusively', async () => {
  const takes = procedure('takes', { had: 0, n: 0 }, [
    wait_event_exclusive(wq, { look: [xchg(ready, 0, 'had')], until: ({ had }) => had === 1 }),
    WRITE_ONCE(ready, 1),
    wake_up(wq),
  ])
  expect(await titles({ a: takes, b: takes, c: says(wake_up(wq)) })).toEqual([])
})
