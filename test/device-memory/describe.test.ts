/** A world of device memory as a user describes it: what can be wrong with it, and what it says of a run. */
import { describe, expect, test } from 'vitest'
import {
  always,
  closeDevice,
  linux,
  dma,
  explore,
  fork,
  hotReset,
  load,
  mapMemory,
  mmap,
  share,
  unmapMemory,
  unshare,
  type LinuxDescription,
  type LinuxView,
} from '../../index.ts'
import { refusalOf, saying, type Refusal } from '../shapes/refusals.ts'

const devices = { dev1: { container: 'container0' }, dev2: { container: 'container1' } }

const described = (more: Partial<LinuxDescription>) => () =>
  linux({ deviceMemory: 'none', devices, tasks: { vmm0: [] }, ...more })

describe('what does not fit is refused with its place, what was expected and what was probably meant', () => {
  const script = (...calls: readonly unknown[]) => ({ tasks: { vmm0: calls } })
  const at = 'linux(): tasks.vmm0[0]'
  const wrong: readonly Refusal[] = [
    [
      'a protocol',
      { deviceMemory: 'vma-opps' },
      'linux(): deviceMemory cannot be "vma-opps". Did you mean "vma-ops"?',
      'one of none, vma-ops,',
    ],
    [
      'a form',
      { deviceMemory: { protocol: 'none', as: 'postd' } },
      'linux(): deviceMemory.as cannot be "postd". Did you mean "posted"?',
      '',
    ],
    [
      'what becomes of mappings',
      { deviceMemory: { protocol: 'none', memory: 'drop' } },
      'linux(): deviceMemory.memory cannot be "drop".',
      'one of keep, unmap, revoke',
    ],
    [
      'a platform',
      { deviceMemory: { protocol: 'none', platform: 'fatl' } },
      'linux(): deviceMemory.platform cannot be "fatl". Did you mean "fatal"?',
      '',
    ],
    [
      'a field',
      { deviceMemory: { protocol: 'none', platfrom: 'fatal' } },
      'linux(): deviceMemory.platfrom is not known. Did you mean "platform"?',
      '',
    ],
    [
      'a trait',
      { deviceMemory: { protocol: 'none', but: { chian: 'srcu' } } },
      'linux(): deviceMemory.but.chian is not known. Did you mean "chain"?',
      'chain, cleanup, zap,',
    ],
    [
      'what a trait says',
      { deviceMemory: { protocol: 'none', but: { chain: 'scru' } } },
      'linux(): deviceMemory.but.chain cannot be "scru". Did you mean "srcu"?',
      'rwsem, srcu, unprotected',
    ],
    [
      'a trait taken away',
      { deviceMemory: { protocol: 'none', but: { chain: undefined } } },
      'linux(): deviceMemory.but.chain is missing.',
      '',
    ],
    [
      'a repair',
      { deviceMemory: { protocol: 'none', without: ['covrs'] } },
      'linux(): deviceMemory.without[0] cannot be "covrs". Did you mean "covers"?',
      '',
    ],
    [
      'a trait that nothing repairs',
      { deviceMemory: { protocol: 'none', without: ['strict'] } },
      'linux(): deviceMemory.without[0] cannot be "strict".',
      'one of chain,',
    ],
    [
      'a device’s field',
      { devices: { dev1: { container: 'c', opnBy: null } } },
      'linux(): devices.dev1.opnBy is not known. Did you mean "openBy"?',
      '',
    ],
    [
      'a device without a container',
      { devices: { dev1: {} } },
      'linux(): devices.dev1.container is missing.',
      'the name of a container',
    ],
    [
      'no such BAR',
      { devices: { dev1: { container: 'c', bars: { 6: 1 } } } },
      'linux(): devices.dev1.bars.6 is not known.',
      '0, 1, 2, 3, 4, 5',
    ],
    [
      'a BAR’s size',
      { devices: { dev1: { container: 'c', bars: { 0: 0 } } } },
      'linux(): devices.dev1.bars.0 cannot be 0.',
      'a whole number from 1 to 256',
    ],
    ['no device at all', { devices: {} }, 'linux(): devices cannot be {}.', 'at least one device'],
    [
      'a call before',
      { before: [closeDevice('dev3')] },
      'linux(): before[0].device cannot be "dev3". Did you mean "dev1"?',
      '',
    ],
    [
      'a device',
      script(closeDevice('dev3')),
      `${at}.device cannot be "dev3". Did you mean "dev1"?`,
      'a device of this description: dev1, dev2',
    ],
    [
      'a device of several',
      script(hotReset('dev1', 'dev9')),
      `${at}.devices[1] cannot be "dev9". Did you mean "dev1"?`,
      '',
    ],
    ['a container', script(unmapMemory('c', 0, 1)), `${at}.container cannot be "c".`, 'container0, container1'],
    ['a BAR', script(load('dev2', { bar: 2 })), `${at}.bar cannot be 2.`, 'a BAR of dev2: 0'],
    [
      'a BAR that nobody asked for',
      { devices: { dev2: { container: 'c', bars: { 2: 1 } } }, ...script(load('dev2')) },
      `${at}.bar is missing.`,
      'a BAR of dev2: 2',
    ],
    [
      'more than a BAR has',
      script(mmap('dev2', { size: 0x2000 })),
      `${at}.size cannot be 8192.`,
      'no more than BAR 0 of dev2 has, 0x1000',
    ],
    ['where', script(share('dev2', { bra: 0 } as object)), `${at}.bra is not known. Did you mean "bar"?`, ''],
    ['half a page', script(share('dev2', { at: 0x800 })), `${at}.at cannot be 2048.`, 'a multiple of 0x1000'],
    [
      'an address that is text',
      script(dma('dev1', '0x1000' as never)),
      `${at}.iova cannot be "0x1000".`,
      'Without quotes',
    ],
    ['a child of its own', script(fork('vmm')), `${at}.child cannot be "vmm": a process cannot be its own child.`, ''],
    [
      'a task’s name',
      { tasks: { dev1: [dma('dev1', 0)] } },
      'linux(): tasks.dev1 cannot be called so: a device is called "dev1", at devices.dev1.',
      'a name of its own',
    ],
    [
      'a task called as a process is',
      { tasks: { vmm: [] } },
      'linux(): tasks.vmm cannot be called so: a process is called "vmm".',
      '',
    ],
  ]
  test.each(wrong)('%s', (_, more, fact, expected) => {
    expect(refusalOf(described(more as object))).toEqual(saying(fact, expected))
  })

  test('what goes wrong before the story begins', () => {
    const twice = [closeDevice('dev2'), closeDevice('dev2')]
    expect(described({ before: twice })).not.toThrow()
    expect(
      described({ before: [load('dev2')], deviceMemory: { protocol: 'vma-private', but: { convertedDriver: false } } }),
    ).not.toThrow()
    const crashing = { protocol: 'vma-private', but: { convertedDriver: false } } as const
    expect(described({ before: [share('dev2'), load('dev2')], deviceMemory: crashing })).toThrow(
      'What is done before the story begins goes wrong',
    )
  })
})

test('a story of one’s own is explored as the built-in ones are', async () => {
  const world = linux({
    deviceMemory: 'none',
    devices,
    before: [share('dev2'), mapMemory('container0', 0x1000, 'dev2')],
    tasks: { vmm0: [unshare('dev2'), closeDevice('dev2')], 'dev1.engine': [dma('dev1', 0x1000)] },
  })
  const claim = always<LinuxView>('it is never too late', (w) =>
    w.deviceMemory.dmas.every(({ owner }) => owner === 'vmm'),
  )
  const report = await explore(world, [claim])
  expect(report.exhaustive).toBe(true)
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['violated'])
})
