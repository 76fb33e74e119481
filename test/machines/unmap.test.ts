import { describe, expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { deviceListUnmap } from '../../machines/type1/unmap/device-list.ts'
import { perMapping } from '../../machines/type1/unmap/per-mapping.ts'
import { perRequest } from '../../machines/type1/unmap/per-request.ts'
import { restart } from '../../machines/type1/unmap/restart.ts'
import { underLock } from '../../machines/type1/unmap/under-lock.ts'
import { calls, drive, last, type Message } from './drive.ts'

const page = 0x1000n
const protocols = { underLock, perMapping, perRequest, restart, deviceListUnmap }
const input = { task: 't1', v2: true, at: { lock: 'I', type1: 'type1', notify: 'notify' } }
const args = { mm: 'mm0', iova: 0x1000n, size: 0x4000n }
const unmap = (machine: AnyStateMachine, answers: readonly (string | Message)[], more: object = {}) =>
  calls(machine, { ...input, ...more }, args, answers)

const fine = { type: 'CHECKED', ret: 0 }
const bisected = { type: 'CHECKED', ret: '-EINVAL' }
const none = { type: 'FOUND', dma: null }
const found = (pinned: boolean, more: object = {}) => ({
  type: 'FOUND',
  dma: {
    id: 'dma0',
    gen: 1,
  },
  iova: 4096n,
  size: page,
  mm: 'mm0',
  pinned,
  ...more,
})
const looked = (pinned: boolean) => ({ type: 'READ_RESULT', iova: 0x1000n, size: page, mm: 'mm0', pinned })
const returned = (ret: number | string, size: bigint | null) => ({ type: 'RETURN', task: 't1', ret, size })

/** What comes before the check: only per-request has something to say there. */
const before = (machine: AnyStateMachine) => (machine === perRequest ? ['RETURN', 'LOCKED'] : ['LOCKED'])

describe.each(Object.entries(protocols))('every protocol: %s', (_, machine) => {
  test('an unmap that would bisect a v2 mapping returns -EINVAL and no size', () => {
    const run = unmap(machine, [...before(machine), bisected, 'UNLOCKED'])
    expect(run.told.slice(-3)).toEqual(['CHECK type1', 'UNLOCK I', 'RETURN t1'])
    expect(last(run.said)).toEqual(returned('-EINVAL', null))
  })

  test('an empty, unaligned or wrapping range is refused before anything happens', () => {
    for (const bad of [{ size: 0n }, { iova: 1n }, { iova: 2n ** 64n - page, size: 2n * page }]) {
      const run = calls(machine, input, { ...args, ...bad }, [])
      expect(run.said).toHaveLength(1)
      expect(last(run.said)).toEqual(returned('-EINVAL', null))
    }
  })

  test('two mappings nobody pinned are removed in one critical section', () => {
    const run = unmap(machine, [
      ...before(machine),
      fine,
      found(false),
      'REMOVED',
      found(false),
      'REMOVED',
      none,
      'UNLOCKED',
    ])
    expect(run.told.slice(-8)).toEqual([
      'CHECK type1',
      'FIND type1',
      'REMOVE type1',
      'FIND type1',
      'REMOVE type1',
      'FIND type1',
      'UNLOCK I',
      'RETURN t1',
    ])
    expect(last(run.said)).toEqual(returned(0, 2n * page))
  })

  test('a v1 request that begins inside a mapping removes nothing and succeeds', () => {
    const run = unmap(machine, [...before(machine), fine, found(true, { iova: 0n }), 'UNLOCKED'], { v2: false })
    expect(run.told.slice(-3)).toEqual(['FIND type1', 'UNLOCK I', 'RETURN t1'])
    expect(last(run.said)).toEqual(returned(0, 0n))
  })

  test('afterwards it is as if it had never been called', () => {
    const run = unmap(machine, [...before(machine), fine, found(false), 'REMOVED', none, 'UNLOCKED'])
    expect(run.call.state).toBe('idle')
    expect(run.call.context).toEqual(drive(machine, input).context)
  })

  test('while it unlocks it remembers only whom to tell what', () => {
    const { context } = unmap(machine, [...before(machine), fine, found(false), 'REMOVED', none]).call
    expect(context).toEqual({ ...drive(machine, input).context, caller: 't1', unmapped: page })
  })

  test("another's memory ends the request early with what was done, up to 5.15", () => {
    const run = unmap(machine, [...before(machine), fine, found(false, { mm: 'mm9' }), 'UNLOCKED'])
    expect(run.told.includes('REMOVE type1')).toBe(machine === deviceListUnmap)
  })
})

test('under-lock notifies while it holds iommu->lock', () => {
  const run = unmap(underLock, ['LOCKED', fine, found(true), 'RETURN', 'REMOVED', none, 'UNLOCKED'])
  expect(run.told).toEqual([
    'LOCK I',
    'CHECK type1',
    'FIND type1',
    'CALL notify',
    'REMOVE type1',
    'FIND type1',
    'UNLOCK I',
    'RETURN t1',
  ])
})

describe('per-mapping (v13)', () => {
  const window = ['LOCKED', fine, found(true), 'UNLOCKED', 'RETURN', 'LOCKED']

  test('drops the lock for every pinned mapping and goes on with the same pointer', () => {
    const run = unmap(perMapping, [...window, looked(false), 'REMOVED', none, 'UNLOCKED'])
    expect(run.told).toEqual([
      'LOCK I',
      'CHECK type1',
      'FIND type1',
      'UNLOCK I',
      'CALL notify',
      'LOCK I',
      'READ type1',
      'REMOVE type1',
      'FIND type1',
      'UNLOCK I',
      'RETURN t1',
    ])
    const messages = run.said.flatMap((said) => (said.type === 'send' ? [said.message] : []))
    const dma = { id: 'dma0', gen: 1 }
    expect(messages.find(({ type }) => type === 'CALL')).toEqual({
      type: 'CALL',
      task: 't1',
      iova: 0x1000n,
      size: page,
      dma,
    })
    expect(messages.find(({ type }) => type === 'READ')).toMatchObject({ dma, site: 'vfio_dma_do_unmap' })
    expect(last(run.said)).toEqual(returned(0, page))
  })

  test('a page pinned in the window leaves the mapping there and its size reported', () => {
    const run = unmap(perMapping, [...window, looked(true), 'UNLOCKED'])
    expect(run.told.slice(-4)).toEqual([
      'READ type1',
      'WARNING in vfio_dma_do_unmap: pages pinned again',
      'UNLOCK I',
      'RETURN t1',
    ])
    expect(last(run.said)).toEqual(returned(0, page))
  })
})

describe('per-request (v13 review)', () => {
  test('notifies of the whole request first, under no lock', () => {
    const run = unmap(perRequest, ['RETURN', 'LOCKED', fine, none, 'UNLOCKED'])
    expect(run.told).toEqual(['CALL notify', 'LOCK I', 'CHECK type1', 'FIND type1', 'UNLOCK I', 'RETURN t1'])
    expect(run.said[0]).toMatchObject({ message: { iova: 0x1000n, size: 0x4000n, dma: null } })
  })

  test('a page pinned after the notification is warned about and the mapping removed all the same', () => {
    const run = unmap(perRequest, ['RETURN', 'LOCKED', fine, found(true), 'REMOVED', none, 'UNLOCKED'])
    expect(run.told.slice(3, 6)).toEqual([
      'FIND type1',
      'WARNING in vfio_dma_do_unmap: pages pinned again',
      'REMOVE type1',
    ])
    expect(last(run.said)).toEqual(returned(0, page))
  })
})

describe('restart (4.10)', () => {
  const round = [fine, found(true), 'UNLOCKED', 'RETURN', 'LOCKED']

  test('after the window it begins again from the lock, and counts only what it removed', () => {
    const run = unmap(restart, ['LOCKED', ...round, fine, found(false), 'REMOVED', none, 'UNLOCKED'])
    expect(run.told).toEqual([
      'LOCK I',
      'CHECK type1',
      'FIND type1',
      'UNLOCK I',
      'CALL notify',
      'LOCK I',
      'CHECK type1',
      'FIND type1',
      'REMOVE type1',
      'FIND type1',
      'UNLOCK I',
      'RETURN t1',
    ])
    expect(last(run.said)).toEqual(returned(0, page))
  })

  test('a check that fails after a restart returns -EINVAL and hides what is already gone', () => {
    const run = unmap(restart, ['LOCKED', fine, found(false), 'REMOVED', ...round.slice(1), bisected, 'UNLOCKED'])
    expect(run.told).toContain('REMOVE type1')
    expect(last(run.said)).toEqual(returned('-EINVAL', null))
  })

  test('the window keeps no pointer, only the address and how often it was met', () => {
    const { context } = unmap(restart, ['LOCKED', ...round, fine, found(true), 'UNLOCKED']).call
    expect(context).toMatchObject({ dma: null, last: 'dma0', retries: 1 })
  })
})

describe.each([
  { name: 'restart', machine: restart, round: [fine, found(true), 'UNLOCKED', 'RETURN', 'LOCKED'] },
  { name: 'device-list', machine: deviceListUnmap, round: [fine, found(true), 'RETURN'] },
])('the bound: $name', ({ machine, round }) => {
  const rounds = (count: number) => Array.from({ length: count }, () => round).flat()

  test('the 12th encounter panics, after 11 notifications', () => {
    const eleven = unmap(machine, ['LOCKED', ...rounds(11), fine])
    expect(eleven.told.filter((told) => told === 'CALL notify')).toHaveLength(11)
    expect(eleven.call.context).toMatchObject({ last: 'dma0', retries: 10 })
    expect(eleven.call.hear(found(true))).toEqual([
      {
        type: 'finding',
        kind: 'bug',
        title: 'kernel BUG in vfio_dma_do_unmap: retries',
        fatal: true,
        object: 'dma0#1',
      },
    ])
    expect(eleven.call.state).toBe('dead')
  })

  test('a smaller bound panics sooner', () => {
    expect(unmap(machine, ['LOCKED', ...rounds(2), fine, found(true)], { retryBound: 1 }).call.state).toBe('dead')
  })

  test('a mapping that lives at the same address is charged with its predecessor’s retries', () => {
    const next = unmap(machine, ['LOCKED', ...rounds(3), fine, found(true, { dma: { id: 'dma0', gen: 2 } })])
    expect(next.call.context).toMatchObject({ last: 'dma0', retries: 3 })
  })

  test('removing another mapping on the way forgives nothing', () => {
    const other = found(false, { dma: { id: 'dma1', gen: 1 } })
    const next = unmap(machine, ['LOCKED', ...rounds(3), fine, other, 'REMOVED', found(true)])
    expect(next.call.context).toMatchObject({ last: 'dma0', retries: 3 })
  })

  test('another mapping starts the count again', () => {
    const next = unmap(machine, ['LOCKED', ...rounds(3), fine, found(true, { dma: { id: 'dma1', gen: 1 } })])
    expect(next.call.context).toMatchObject({ last: 'dma1', retries: 0 })
  })
})

describe('device-list (6.0)', () => {
  test('leaves iommu->lock to the notification and checks again with it held', () => {
    const run = unmap(deviceListUnmap, [
      'LOCKED',
      fine,
      found(true),
      'RETURN',
      fine,
      found(false),
      'REMOVED',
      none,
      'UNLOCKED',
    ])
    expect(run.told).toEqual([
      'LOCK I',
      'CHECK type1',
      'FIND type1',
      'CALL notify',
      'CHECK type1',
      'FIND type1',
      'REMOVE type1',
      'FIND type1',
      'UNLOCK I',
      'RETURN t1',
    ])
  })

  test('a check that fails after a restart succeeds with the size removed so far', () => {
    const run = unmap(deviceListUnmap, [
      'LOCKED',
      fine,
      found(false),
      'REMOVED',
      found(true),
      'RETURN',
      bisected,
      'UNLOCKED',
    ])
    expect(last(run.said)).toEqual(returned(0, page))
  })
})
