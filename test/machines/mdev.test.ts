import { describe, expect, test } from 'vitest'
import { dmaUnmap } from '../../machines/mdev/dma-unmap.ts'
import { mdevMirror } from '../../machines/mdev/mdev-mirror.ts'
import { mdevPin } from '../../machines/mdev/mdev-pin.ts'
import { mdevUnpin } from '../../machines/mdev/mdev-unpin.ts'
import { mdev } from '../../machines/mdev/mdev.ts'
import { feed } from './feed.ts'

const at = { driver: 'mdev0', driverLock: 'mdev0.lock', pin: 't1/pin', unpin: 't1/unpin' }
const range = { iova: 0x1000n, size: 0x2000n }
const returned = (ret: number | string) => ({ type: 'RETURN', ret })

describe('the dma_unmap callback', () => {
  const callback = (behaviour: string) => ({ task: 't1', device: 'mdev0', behaviour, at })
  const call = { type: 'CALL', ...range }
  const pins = (...iovas: bigint[]) => ({ type: 'PINS', iovas })

  test('unpins everything in the range under the driver lock', () => {
    const answers = ['LOCKED', pins(0x1000n, 0x2000n), returned(2), 'FORGOTTEN', 'UNLOCKED']
    const run = feed(dmaUnmap, callback('unpins-all'), call, ...answers)
    expect(run.said).toEqual([
      'mdev0.lock LOCK',
      'mdev0 PINS_IN iova=0x1000 size=0x2000',
      't1/unpin CALL device=mdev0 iovas=[0x1000, 0x2000]',
      'mdev0 FORGET iovas=[0x1000, 0x2000]',
      'mdev0.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('unpins nothing where it has pinned nothing', () => {
    const run = feed(dmaUnmap, callback('unpins-all'), call, 'LOCKED', pins(), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['mdev0.lock UNLOCK', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('of a driver that keeps a log says so to it', () => {
    const run = feed(dmaUnmap, { ...callback('unpins-all'), logs: true }, call, 'LOCKED')
    expect(run.said[1]).toBe('mdev0 PINS_IN iova=0x1000 size=0x2000 log=true')
  })

  test('may unpin the first page only', () => {
    const run = feed(dmaUnmap, callback('unpins-first-page'), call, 'LOCKED', pins(0x1000n, 0x2000n))
    expect(run.said.at(-1)).toBe('t1/unpin CALL device=mdev0 iovas=[0x1000]')
  })

  test('may not care (M-1)', () => {
    const run = feed(dmaUnmap, callback('unpins-nothing'), call)
    expect(run.said).toEqual(['t1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('of a driver that mirrors drops the range from the mirror', () => {
    const run = feed(dmaUnmap, callback('mirrors'), call, 'UNMIRRORED')
    expect(run.said).toEqual(['mdev0 UNMIRROR iova=0x1000 size=0x2000', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('of a driver without a notifier is never called: a call shows as ignored', () => {
    expect(feed(dmaUnmap, callback('no-notifier'), call).said).toEqual([])
  })
})

describe('a driver that pins', () => {
  const careful = { task: 't1', device: 'mdev0', at }
  const careless = { ...careful, careful: false }
  const call = { type: 'CALL', iova: 0x1000n, prot: 'r' }

  test('holds its own lock until it has recorded the pin', () => {
    const run = feed(mdevPin, careful, call, 'LOCKED', returned(1), 'RECORDED', 'UNLOCKED')
    expect(run.said).toEqual([
      'mdev0.lock LOCK',
      't1/pin CALL device=mdev0 iova=0x1000 prot=r',
      'mdev0 RECORD iova=0x1000',
      'mdev0.lock UNLOCK',
      't1 RETURN ret=1',
    ])
    expect(run.atRest).toBe(true)
  })

  test('pins several pages with one call, and records and unpins as many', () => {
    const pinned = feed(mdevPin, careful, { ...call, npage: 2, prot: 3 }, 'LOCKED', returned(2))
    expect(pinned.said.slice(1)).toEqual([
      't1/pin CALL device=mdev0 iova=0x1000 npage=2 prot=3',
      'mdev0 RECORD iova=0x1000 npage=2',
    ])
    const unpinned = feed(mdevUnpin, careful, { ...call, npage: 2 }, 'LOCKED', returned(0))
    expect(unpinned.said.slice(1)).toEqual([
      't1/unpin CALL device=mdev0 iovas=[0x1000, 0x2000]',
      'mdev0 FORGET iovas=[0x1000, 0x2000]',
    ])
  })

  test.each([0, 513])('unpinning %i pages is a WARN and nothing happens', (npage) => {
    const run = feed(mdevUnpin, careful, { ...call, npage })
    expect(run.said).toEqual(['! warn WARNING in vfio_unpin_pages: no pages, or too many', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('records nothing when the pin fails', () => {
    const run = feed(mdevPin, careful, call, 'LOCKED', returned('-EINVAL'), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['mdev0.lock UNLOCK', 't1 RETURN ret=-EINVAL'])
    expect(run.atRest).toBe(true)
  })

  test('careless, records afterwards and without a lock', () => {
    expect(feed(mdevPin, careless, call, returned(1), 'RECORDED').said).toEqual([
      't1/pin CALL device=mdev0 iova=0x1000 prot=r',
      'mdev0 RECORD iova=0x1000',
      't1 RETURN ret=1',
    ])
    expect(feed(mdevPin, careless, call, returned('-EINVAL')).said.at(-1)).toBe('t1 RETURN ret=-EINVAL')
  })

  test('unpins under its own lock too, or carelessly without', () => {
    const run = feed(mdevUnpin, careful, call, 'LOCKED', returned(1), 'FORGOTTEN', 'UNLOCKED')
    expect(run.said).toEqual([
      'mdev0.lock LOCK',
      't1/unpin CALL device=mdev0 iovas=[0x1000]',
      'mdev0 FORGET iovas=[0x1000]',
      'mdev0.lock UNLOCK',
      't1 RETURN ret=1',
    ])
    expect(run.atRest).toBe(true)
    expect(feed(mdevUnpin, careless, call, returned(1), 'FORGOTTEN').said).toHaveLength(3)
  })

  test('is told of a mapping and passes on that it collides with one it missed the unmap of', () => {
    const input = { task: 't1', at: { driver: 'mdev0' } }
    const run = feed(mdevMirror, input, { type: 'CALL', ...range }, { type: 'MIRRORED', ret: '-EEXIST' })
    expect(run.said).toEqual(['mdev0 MIRROR iova=0x1000 size=0x2000', 't1 RETURN ret=-EEXIST'])
    expect(run.atRest).toBe(true)
  })
})

describe('a mediated device', () => {
  const input = { id: 'mdev0', pins: [0x3000n, 0x1000n] }

  test('knows its pins in a range, in order, an iova pinned twice twice', () => {
    const run = feed(mdev, input, { type: 'RECORD', iova: 0x1000n }, { type: 'PINS_IN', ...range })
    expect(run.said).toEqual(['t1 RECORDED', 't1 PINS iovas=[0x1000, 0x1000]'])
    expect(run.snapshot.context.pins).toEqual([0x1000n, 0x1000n, 0x3000n])
  })

  test('forgets each iova once, and one it never had not at all', () => {
    const run = feed(mdev, input, { type: 'RECORD', iova: 0x1000n }, { type: 'FORGET', iovas: [0x1000n, 0x5000n] })
    expect(run.snapshot.context.pins).toEqual([0x1000n, 0x3000n])
  })

  test('records each of several pages', () => {
    const run = feed(mdev, input, { type: 'RECORD', iova: 0x2000n, npage: 2 })
    expect(run.snapshot.context.pins).toEqual([0x1000n, 0x2000n, 0x3000n, 0x3000n])
  })

  test('keeps a log of what it was told, until somebody takes it or the device is opened again', () => {
    const told = { type: 'PINS_IN', iova: 0x8000n, size: 0x1000n, log: true }
    const open = { type: 'OPEN', container: 'container0', backend: { id: 'type1', gen: 2 } }
    const run = feed(mdev, input, told, told, 'TAKE_LOG', 'TAKE_LOG', told, open, 'TAKE_LOG', 'WHERE')
    expect(run.said.filter((line) => !line.includes('PINS'))).toEqual([
      't1 ANSWER ret=0 notified=[[0x8000, 0x1000], [0x8000, 0x1000]]',
      't1 ANSWER ret=0 notified=[]',
      't1 ANSWER ret=0',
      't1 ANSWER ret=0 notified=[]',
      't1 IN container=container0 backend=type1#2',
    ])
  })

  test('describes itself as a device without regions and interrupts, and knows no other ioctl', () => {
    const ioctl = (req: bigint) => ({ type: 'IOCTL', req })
    const run = feed(
      mdev,
      input,
      { type: 'INFO', argsz: 16 },
      { type: 'INFO', argsz: 15 },
      ioctl(15211n),
      ioctl(15212n),
    )
    expect(run.said).toEqual([
      't1 ANSWER ret=0 flags=0 num_regions=0 num_irqs=0',
      't1 ANSWER ret=-EINVAL',
      't1 ANSWER ret=-EFAULT',
      't1 ANSWER ret=-ENOTTY',
    ])
    expect(feed(mdev, input, 'NO_OPERATION').said).toEqual(['t1 ANSWER ret=-EINVAL'])
  })

  test('refuses to mirror a range that overlaps one it mirrors', () => {
    const mirror = { type: 'MIRROR', ...range }
    const inside = { type: 'MIRROR', iova: 0x2000n, size: 0x1000n }
    const run = feed(mdev, input, mirror, inside, { type: 'UNMIRROR', ...range }, inside)
    expect(run.said).toEqual(['t1 MIRRORED ret=0', 't1 MIRRORED ret=-EEXIST', 't1 UNMIRRORED', 't1 MIRRORED ret=0'])
  })
})
