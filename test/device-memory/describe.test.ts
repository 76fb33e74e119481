/** A world of device memory as a user describes it: what can be wrong with it, and what it says of a run. */
import { describe, expect, test } from 'vitest'
import {
  always,
  closeDevice,
  deviceMemory,
  dma,
  explore,
  load,
  mapMemory,
  share,
  unmapMemory,
  unshare,
  type DeviceMemoryDescription,
  type DeviceMemoryView,
} from '../../index.ts'

const devices = { dev1: { container: 'container0' }, dev2: { container: 'container1' } }

const described = (more: Partial<DeviceMemoryDescription>) => () =>
  deviceMemory({ protocol: 'none', devices, tasks: { vmm0: [] }, ...more })

describe('what does not fit is told by its name', () => {
  const wrong: readonly (readonly [string, Partial<DeviceMemoryDescription>, string])[] = [
    ['a protocol', { protocol: 'vma-opps' as 'vma-ops' }, 'Unknown protocol "vma-opps". Known: none, vma-ops,'],
    ['what becomes of mappings', { memory: 'drop' as 'keep' }, 'Unknown memory "drop". Known: keep, unmap, revoke.'],
    [
      'a device',
      { tasks: { vmm0: [closeDevice('dev3')] } },
      'Unknown device "dev3" in a call `closeDevice` of task vmm0.',
    ],
    ['a container', { tasks: { vmm0: [unmapMemory('c', 0, 1)] } }, 'Unknown container "c" in a call `unmapMemory`'],
    [
      'a BAR',
      { tasks: { vmm0: [load('dev2', { bar: 2 })] } },
      'Unknown BAR "2" in a call `load` of task vmm0. Known: 0.',
    ],
    ['a BAR’s size', { devices: { dev1: { container: 'c', bars: { 0: 0 } } } }, 'dev1 cannot have a BAR 0 of 0 pages.'],
    ['a task’s name', { tasks: { dev1: [dma('dev1', 0)] } }, 'A task cannot be called dev1: something else is.'],
    ['no device at all', { devices: {} }, 'There is no device.'],
  ]
  test.each(wrong)('%s', (_, more, said) => {
    expect(described(more)).toThrow(said)
  })

  test('what goes wrong before the story begins', () => {
    const twice = [closeDevice('dev2'), closeDevice('dev2')]
    expect(described({ before: twice })).not.toThrow()
    expect(
      described({ before: [load('dev2')], protocol: 'vma-private', but: { convertedDriver: false } }),
    ).not.toThrow()
    const crashing = { before: [share('dev2'), load('dev2')], but: { convertedDriver: false } } as const
    expect(described({ ...crashing, protocol: 'vma-private' })).toThrow(
      'What is done before the story begins goes wrong',
    )
  })
})

test('a story of one’s own is explored as the built-in ones are', async () => {
  const world = deviceMemory({
    protocol: 'none',
    devices,
    before: [share('dev2'), mapMemory('container0', 0x1000, 'dev2')],
    tasks: { vmm0: [unshare('dev2'), closeDevice('dev2')], 'dev1.engine': [dma('dev1', 0x1000)] },
  })
  const claim = always<DeviceMemoryView>('it is never too late', (w) => w.dmas.every(({ owner }) => owner === 'vmm'))
  const report = await explore(world, [claim])
  expect(report.exhaustive).toBe(true)
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['violated'])
})
