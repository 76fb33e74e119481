import { describe, expect, test } from 'vitest'
import { mutex, mutexFacts } from '../../machines/kernel/locks/mutex.ts'
import { notifierCallChain } from '../../machines/kernel/lists/notifier-call-chain.ts'
import { notifierChain } from '../../machines/kernel/lists/notifier-chain.ts'
import { rwsem, rwsemFacts } from '../../machines/kernel/locks/rwsem.ts'
import { workqueue } from '../../machines/kernel/work/workqueue.ts'
import { calls, drive, last, tell, type Message } from './drive.ts'

const by = (task: string, type: string, more: object = {}): Message => ({ type, task, from: `${task}/call`, ...more })

describe('mutex', () => {
  test('a second task waits until the first unlocks', () => {
    const lock = drive(mutex, { id: 'iommu.lock' })
    expect(tell(lock.hear(by('t1', 'LOCK')))).toEqual(['LOCKED t1/call'])
    expect(lock.defers('LOCK')).toBe(true)
    expect(mutexFacts.holders(lock.context)).toEqual({ threads: ['t1'], exclusive: true })
    expect(tell(lock.hear(by('t1', 'UNLOCK')))).toEqual(['UNLOCKED t1/call'])
    expect(lock.defers('LOCK')).toBe(false)
  })

  test('unlocking what another task holds is a warning, and it stays held', () => {
    const lock = drive(mutex, { id: 'iommu.lock' })
    lock.hear(by('t1', 'LOCK'))
    expect(tell(lock.hear(by('t2', 'UNLOCK')))[0]).toMatch(/unlock of iommu.lock by a task that does not hold it/)
    expect(lock.context.holder).toBe('t1')
  })

  test('who only tries is answered at once: he has it, or it is busy and nothing has changed', () => {
    const lock = drive(mutex, { id: 'dev2.vma_lock' })
    expect(tell(lock.hear(by('t1', 'TRYLOCK')))).toEqual(['LOCKED t1/call'])
    const before = lock.context
    expect(tell(lock.hear(by('t2', 'TRYLOCK')))).toEqual(['BUSY t2/call'])
    expect(lock.context).toEqual(before)
  })

  test('an answer carries the task it is for', () => {
    expect(last(drive(mutex, { id: 'l' }).hear(by('t1', 'LOCK')))).toEqual({ type: 'LOCKED', task: 't1' })
  })
})

describe('rwsem', () => {
  const held = (...steps: readonly (readonly [string, string])[]) => {
    const lock = drive(rwsem, { id: 'notifier.rwsem' })
    for (const [task, type] of steps) lock.hear(by(task, type))
    return lock
  }

  test('two tasks read at once', () => {
    const lock = held(['t2', 'DOWN_READ'])
    expect(tell(lock.hear(by('t1', 'DOWN_READ')))).toEqual(['LOCKED t1/call'])
    expect(rwsemFacts.holders(lock.context)).toEqual({ threads: ['t1', 't2'], exclusive: false })
  })

  test('a writer that meets a reader is taken and not answered', () => {
    const lock = held(['t1', 'DOWN_READ'])
    expect(lock.defers('DOWN_WRITE')).toBe(false)
    expect(lock.hear(by('t2', 'DOWN_WRITE'))).toEqual([])
    expect(rwsemFacts.owes!(lock.context)).toEqual(['t2/call'])
  })

  test('a reader waits behind a waiting writer', () => {
    const lock = held(['t1', 'DOWN_READ'], ['t2', 'DOWN_WRITE'])
    expect(lock.defers('DOWN_READ')).toBe(true)
    expect(lock.defers('DOWN_WRITE')).toBe(true)
  })

  test('who only tries is answered at once: he has it, or it is busy and nothing has changed', () => {
    expect(tell(held().hear(by('t1', 'TRY_WRITE')))).toEqual(['LOCKED t1/call'])
    const busy = [held(['t1', 'DOWN_READ']), held(['t1', 'DOWN_READ'], ['t2', 'DOWN_WRITE']), held(['t1', 'TRY_WRITE'])]
    for (const lock of busy) {
      const before = lock.context
      expect(tell(lock.hear(by('t3', 'TRY_WRITE')))).toEqual(['BUSY t3/call'])
      expect(lock.context).toEqual(before)
    }
  })

  test('who tries to read gets in among readers, and past nobody who writes or waits to write', () => {
    for (const lock of [held(), held(['t1', 'DOWN_READ'])]) {
      expect(tell(lock.hear(by('t3', 'TRY_READ')))).toEqual(['LOCKED t3/call'])
      expect(rwsemFacts.holders(lock.context).threads).toContain('t3')
    }
    for (const lock of [held(['t1', 'DOWN_WRITE']), held(['t1', 'DOWN_READ'], ['t2', 'DOWN_WRITE'])]) {
      const before = lock.context
      expect(tell(lock.hear(by('t3', 'TRY_READ')))).toEqual(['BUSY t3/call'])
      expect(lock.context).toEqual(before)
    }
  })

  test('the last reader lets the waiting writer in', () => {
    const lock = held(['t1', 'DOWN_READ'], ['t3', 'DOWN_READ'], ['t2', 'DOWN_WRITE'])
    expect(tell(lock.hear(by('t1', 'UP_READ')))).toEqual(['UNLOCKED t1/call'])
    const said = lock.hear(by('t3', 'UP_READ'))
    expect(tell(said)).toEqual(['UNLOCKED t3/call', 'LOCKED t2/call'])
    expect(last(said)).toEqual({ type: 'LOCKED', task: 't2' })
    expect(rwsemFacts.holders(lock.context)).toEqual({ threads: ['t2'], exclusive: true })
    expect(rwsemFacts.owes!(lock.context)).toEqual([])
  })

  test('while a writer holds it everybody waits outside', () => {
    const lock = held(['t1', 'DOWN_WRITE'])
    expect(lock.defers('DOWN_READ') && lock.defers('DOWN_WRITE')).toBe(true)
    lock.hear(by('t1', 'UP_WRITE'))
    expect(lock.state).toBe('free')
  })

  test('a task that reads twice must let go twice', () => {
    const lock = held(['t1', 'DOWN_READ'], ['t1', 'DOWN_READ'])
    lock.hear(by('t1', 'UP_READ'))
    expect(lock.state).toBe('read')
    lock.hear(by('t1', 'UP_READ'))
    expect(lock.context).toEqual({ id: 'notifier.rwsem', readers: [], writer: null, waiting: null })
  })

  test('letting go of what one does not hold is a warning in every state', () => {
    for (const lock of [
      held(),
      held(['t1', 'DOWN_READ']),
      held(['t1', 'DOWN_READ'], ['t2', 'DOWN_WRITE']),
      held(['t1', 'DOWN_WRITE']),
    ])
      for (const type of ['UP_READ', 'UP_WRITE']) {
        const before = lock.context
        expect(tell(lock.hear(by('t9', type)))[0]).toMatch(/does not hold it/)
        expect(lock.context).toEqual(before)
      }
  })
})

describe('notifier chain', () => {
  test('blocks are walked in the order they registered', () => {
    const chain = drive(notifierChain, {})
    for (const nb of ['mdev1', 'mdev0', 'mdev1']) chain.hear({ type: 'ADD', nb })
    const next = (after: string | null) => last(chain.hear({ type: 'NEXT', after }))
    expect(next(null)).toMatchObject({ type: 'NB', nb: 'mdev1' })
    expect(next('mdev1')).toMatchObject({ nb: 'mdev0' })
    expect(next('mdev0')).toMatchObject({ nb: null })
  })

  test('a block that is not registered cannot be unregistered', () => {
    const chain = drive(notifierChain, { blocks: ['mdev0'] })
    expect(last(chain.hear({ type: 'DELETE', nb: 'mdev1' }))).toMatchObject({ type: 'DELETED', ret: '-ENOENT' })
    expect(last(chain.hear({ type: 'DELETE', nb: 'mdev0' }))).toMatchObject({ ret: 0 })
    expect(last(chain.hear({ type: 'IS_EMPTY' }))).toMatchObject({ type: 'EMPTY', empty: true })
  })

  test('who walks without a lock says where it has been, and goes on behind what was deleted', () => {
    const chain = drive(notifierChain, { blocks: ['pfnmap0#1', 'pfnmap1#1', 'pfnmap2#1'] })
    chain.hear({ type: 'DELETE', nb: 'pfnmap1#1' })
    const next = (...after: readonly string[]) => last(chain.hear({ type: 'NEXT', after }))
    expect(next()).toMatchObject({ nb: 'pfnmap0#1' })
    expect(next('pfnmap0#1', 'pfnmap1#1')).toMatchObject({ nb: 'pfnmap2#1' })
    expect(next('pfnmap0#1', 'pfnmap1#1', 'pfnmap2#1')).toMatchObject({ nb: null })
  })

  const input = {
    task: 't1',
    at: {
      rwsem: 'notifier.rwsem',
      chain: 'notifier',
      callbacks: { mdev0: 't1/mdev0.dma_unmap', mdev1: 't1/mdev1.dma_unmap' },
    },
  }

  test('all callbacks run one after the other with the rwsem held for read', () => {
    const run = calls(notifierCallChain, input, { iova: 0x1000n, size: 0x1000n, dma: null }, [
      'LOCKED',
      { type: 'NB', nb: 'mdev0' },
      'RETURN',
      { type: 'NB', nb: 'mdev1' },
      'RETURN',
      { type: 'NB', nb: null },
      'UNLOCKED',
    ])
    expect(run.told).toEqual([
      'DOWN_READ notifier.rwsem',
      'NEXT notifier',
      'CALL t1/mdev0.dma_unmap',
      'NEXT notifier',
      'CALL t1/mdev1.dma_unmap',
      'NEXT notifier',
      'UP_READ notifier.rwsem',
      'RETURN t1',
    ])
    expect(run.call.context).toEqual(drive(notifierCallChain, input).context)
  })

  test('a callback nobody wired is named, with those that are', () => {
    const call = drive(notifierCallChain, input)
    call.hear({ type: 'CALL', iova: 0n, size: 4096n })
    call.hear({ type: 'LOCKED' })
    expect(() => call.hear({ type: 'NB', nb: 'mdev9' })).toThrow(
      /no callback is wired for mdev9; wired: t?.*mdev0, mdev1/,
    )
  })
})

describe('workqueue', () => {
  const item = { id: 'pfnmap0', gen: 1 }
  const work = { call: 'kworker/protocol', args: { do: 'WORK', pfnmap: item } }
  const ask = (more: object = {}): Message => ({ type: 'QUEUE', work, item, ...more })

  test('a piece of work that is queued is not queued again, until a worker took it', () => {
    const queue = drive(workqueue, undefined)
    expect(last(queue.hear(ask()))).toMatchObject({ type: 'QUEUED', queued: true })
    expect(last(queue.hear(ask()))).toMatchObject({ queued: false })
    expect(last(queue.hear(by('kworker', 'TAKE')))).toMatchObject({ type: 'WORK', work })
    expect(queue.defers('TAKE')).toBe(true)
    expect(last(queue.hear(ask({ init: true })))).toMatchObject({ queued: true })
  })

  test('made anew while it is queued, it is queued twice, and somebody complains', () => {
    const queue = drive(workqueue, undefined)
    queue.hear(ask({ init: true }))
    expect(tell(queue.hear(ask({ init: true })))).toEqual(['ODEBUG: init active work_struct', 'QUEUED t1'])
    queue.hear(by('kworker', 'TAKE'))
    expect(last(queue.hear(by('kworker', 'TAKE')))).toMatchObject({ type: 'WORK', work })
  })

  test('another life at the same address is another piece of work', () => {
    const queue = drive(workqueue, undefined)
    queue.hear(ask())
    expect(last(queue.hear(ask({ item: { ...item, gen: 2 } })))).toMatchObject({ queued: true })
  })
})
