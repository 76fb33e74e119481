/**
 * What a real Linux 6.1 did with device memory (test/recordings/kernel-6.1/hand-p2p.jsonl.gz, named in each test), told in the words of the
 * device-memory family with no protocol at all: the plain kernel of the stories is the recorded one.
 */
import { expect, test } from 'vitest'
import {
  closeDevice,
  linux,
  disableMemory,
  dma,
  enableMemory,
  load,
  mapMemory,
  munmap,
  openDevice,
  reset,
  setPower,
  share,
  start,
  unmapMemory,
  type LinuxDescription,
} from '../../index.ts'

const iova = 0x1000
const size = 0x1000

/** What the calls of one thread return, one after the other. */
function returned(...script: LinuxDescription['before'] & {}): readonly unknown[] {
  const world = linux({
    deviceMemory: 'none',
    devices: { edu0: { container: 'c0' }, edu1: { container: 'c0' } },
    tasks: { p0: script },
  })
  const run = start(world).settle(10_000)
  expect(run.state.finished).toBe(true)
  const { results } = run.actor('p0').data as { results: readonly { ret: unknown }[] }
  return results.map(({ ret }) => ret)
}

const mapped = [share('edu1'), mapMemory('c0', iova, 'edu1')]
const before = [0, 0]

test('a device reads the other one’s register through the mapping (p2p.basic)', () => {
  expect(returned(...mapped, dma('edu0', iova))).toEqual([...before, 'hit'])
})

test('the mapping outlives the mmap it was made from (p2p.munmap_bar_keeps_dma)', () => {
  expect(returned(...mapped, munmap('edu1'), dma('edu0', iova))).toEqual([...before, 0, 'hit'])
})

test('what is not mapped any more cannot be mapped for DMA (p2p.bar_munmapped_before_map)', () => {
  expect(returned(share('edu1'), munmap('edu1'), mapMemory('c0', iova, 'edu1'))).toEqual([0, 0, '-EFAULT'])
})

test('nor can memory that is disabled, until it is enabled again (p2p.mem_disabled_at_map)', () => {
  const again = mapMemory('c0', iova, 'edu1')
  expect(returned(share('edu1'), disableMemory('edu1'), again, enableMemory('edu1'), again)).toEqual([
    ...[0, 0, '-EFAULT'],
    ...[0, 0],
  ])
})

test('a load through an mmap of disabled memory is a bus error (dev.bar.mmap_disable_enable)', () => {
  expect(returned(share('edu1'), load('edu1'), disableMemory('edu1'), load('edu1'))).toEqual([0, 'hit', 0, '-SIGBUS'])
})

test('a load through an mmap of a device that sleeps is a bus error, until it wakes up (tried on 6.1.192)', () => {
  for (const state of ['D3hot', 'low-power'] as const)
    expect(
      returned(share('edu1'), setPower('edu1', state), load('edu1'), setPower('edu1', 'D0'), load('edu1')),
    ).toEqual([0, 0, '-SIGBUS', 0, 'hit'])
})

test('waking up does not enable memory, nor does enabling it wake a device up', () => {
  const asleepAndOff = [share('edu1'), setPower('edu1', 'D3hot'), disableMemory('edu1')]
  expect(returned(...asleepAndOff, setPower('edu1', 'D0'), load('edu1')).at(-1)).toBe('-SIGBUS')
  expect(returned(...asleepAndOff, enableMemory('edu1'), load('edu1')).at(-1)).toBe('-SIGBUS')
})

test('a reset keeps the mapping, and memory as it was (p2p.peer_reset_while_mapped)', () => {
  expect(returned(...mapped, reset('edu1'), dma('edu0', iova))).toEqual([...before, 0, 'hit'])
})

test('a device that nobody has open any more still answers (p2p.peer_fully_closed)', () => {
  expect(returned(...mapped, munmap('edu1'), closeDevice('edu1'), dma('edu0', iova))).toEqual([...before, 0, 0, 'hit'])
})

test('and so it does when it was opened anew; the unmap reports what it always did (p2p.peer_reopened)', () => {
  const calls = [
    munmap('edu1'),
    closeDevice('edu1'),
    openDevice('edu1'),
    dma('edu0', iova),
    unmapMemory('c0', iova, size),
  ]
  expect(returned(...mapped, ...calls, dma('edu0', iova))).toEqual([...before, 0, 0, 0, 'hit', 0, 'iommu-fault'])
})
