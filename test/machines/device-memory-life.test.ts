import { describe, expect, test } from 'vitest'
import { lockedCall } from '../../machines/kernel/locks/locked-call.ts'
import { closeContainer } from '../../machines/vfio/container/close-container.ts'
import { closeDeviceFile } from '../../machines/vfio/device/file/close-file.ts'
import { containerUsers } from '../../machines/vfio/container/container-users.ts'
import { deviceFile } from '../../machines/vfio/device/file/device-file.ts'
import { deviceLife } from '../../machines/vfio/device/file/device-life.ts'
import { openDeviceFile } from '../../machines/vfio/device/file/open-file.ts'
import { releaseDeviceFile } from '../../machines/vfio/device/file/release-file.ts'
import { feed } from './feed.ts'

const answer = (fields: object = {}) => ({ type: 'ANSWER', ret: 0, ...fields })
const ok = 't1 ANSWER ret=0'

describe('the file of a device', () => {
  const byDescriptor = (process: string) => ({ type: 'GET', fd: true, process })
  const install = { type: 'INSTALL', process: 'vmm' }
  const close = (process: string) => ({ type: 'CLOSE', process })
  const isBusy = 't1 ANSWER ret=-EBUSY'
  const isNone = 't1 ANSWER ret=-EBADF'

  test('is opened by one process at a time, until the release was answered', () => {
    const heard = ['OPEN', 'OPEN', install, 'OPEN', close('vmm'), 'OPEN', 'RELEASED', 'OPEN']
    expect(feed(deviceFile, {}, ...heard).said).toEqual([
      ...[ok, isBusy, ok, isBusy, 't1 ANSWER ret=0 last=true', isBusy, ok, ok],
    ])
  })

  test('has no descriptor until the open is through', () => {
    expect(feed(deviceFile, {}, byDescriptor('vmm'), 'OPEN', byDescriptor('vmm')).said).toEqual([isNone, ok, isNone])
    expect(feed(deviceFile, {}, 'OPEN', 'RELEASED').atRest).toBe(true)
  })

  test('is found by the descriptor of its own process only', () => {
    const open = { by: 'vmm' }
    expect(feed(deviceFile, open, byDescriptor('vmm'), byDescriptor('other'), close('other')).said).toEqual([
      ...[ok, isNone, isNone],
    ])
  })

  test('outlives its descriptor while a vma maps it', () => {
    const heard = [byDescriptor('vmm'), close('vmm'), byDescriptor('vmm'), close('vmm'), 'GET', 'PUT', 'PUT']
    expect(feed(deviceFile, { by: 'vmm' }, ...heard).said).toEqual([
      ...[ok, 't1 ANSWER ret=0 last=false', isNone, isNone, ok],
      ...['t1 ANSWER ret=0 last=false', 't1 ANSWER ret=0 last=true'],
    ])
  })

  test('may be mapped from the start', () => {
    expect(feed(deviceFile, { by: 'vmm', refs: 2 }, close('vmm'), 'PUT').said.at(-1)).toBe('t1 ANSWER ret=0 last=true')
    expect(feed(deviceFile, { by: 'vmm', refs: 2 }, 'GET', 'PUT').atRest).toBe(true)
  })
})

describe('the life of a device', () => {
  test('counts references, and says who dropped the last', () => {
    const run = feed(deviceLife, { id: 'dev2', refs: 1, opens: 0 }, 'GET', 'PUT', 'PUT', 'GET')
    expect(run.said).toEqual([
      ...[ok, 't1 ANSWER ret=0 last=false'],
      ...['~ dev2 gone', 't1 ANSWER ret=0 last=true', 't1 ANSWER ret=-ENODEV'],
    ])
  })

  test('complains of a reference put too often', () => {
    expect(feed(deviceLife, { id: 'dev2', refs: 0, opens: 0 }, 'PUT').said).toEqual([
      '! refcount refcount_t: underflow; use-after-free.',
      't1 ANSWER ret=0 last=false',
    ])
  })

  test('counts openings', () => {
    expect(feed(deviceLife, { id: 'dev2', refs: 1, opens: 0 }, 'OPENED', 'OPENED', 'CLOSED', 'CLOSED').said).toEqual([
      't1 ANSWER ret=0 first=true',
      't1 ANSWER ret=0 first=false',
      't1 ANSWER ret=0 last=false',
      't1 ANSWER ret=0 last=true',
    ])
    expect(feed(deviceLife, { id: 'dev2', refs: 1, opens: 0 }, 'CLOSED').said[0]).toMatch(/^! warn/)
  })
})

describe('users of a container', () => {
  test('keep it, and with the last one it is dissolved', () => {
    const run = feed(containerUsers, { id: 'container0', users: 1 }, 'ADD_USER', 'DROP_USER', 'DROP_USER', 'ADD_USER')
    expect(run.said).toEqual([
      ...[ok, 't1 ANSWER ret=0 last=false'],
      ...['~ container0 dissolved', 't1 ANSWER ret=0 last=true', 't1 ANSWER ret=-EINVAL'],
    ])
  })

  test('stand for its IOMMU: with the last of them there is none to ask', () => {
    expect(feed(containerUsers, { id: 'container0', users: 1 }, 'HAS_IOMMU', 'DROP_USER', 'HAS_IOMMU').said).toEqual([
      ...['t1 ANSWER ret=0', '~ container0 dissolved', 't1 ANSWER ret=0 last=true', 't1 ANSWER ret=-EINVAL'],
    ])
    expect(feed(containerUsers, { id: 'container0', users: 1 }, 'HAS_IOMMU').atRest).toBe(true)
  })

  test('cannot be dropped when there are none', () => {
    expect(feed(containerUsers, { id: 'container0', users: 0 }, 'DROP_USER').said).toEqual([
      '! refcount container_users dropped below zero',
      't1 ANSWER ret=0 last=false',
    ])
  })
})

describe('opening a device', () => {
  const at = {
    file: 'dev2.file',
    users: 'container1',
    devSet: 'dev2.dev_set',
    life: 'dev2',
    hardware: 'hardware',
  }
  const open = { task: 't1', device: 'dev2', at }
  const call = { type: 'CALL', process: 'vmm' }

  test('counts it everywhere, switches its memory on, and gives out the descriptor last', () => {
    const run = feed(
      ...([openDeviceFile, open, call, answer(), answer(), answer(), 'LOCKED'] as const),
      ...([answer({ first: true }), answer(), answer(), 'UNLOCKED', answer()] as const),
    )
    expect(run.said).toEqual([
      'dev2.file OPEN',
      'container1 ADD_USER',
      'dev2 GET',
      'dev2.dev_set LOCK',
      'dev2 OPENED',
      'hardware SET_OWNER device=dev2 owner=vmm',
      'hardware SET_MEMORY device=dev2 on=true',
      'dev2.dev_set UNLOCK',
      'dev2.file INSTALL process=vmm',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('is refused while somebody has it', () => {
    const run = feed(openDeviceFile, open, call, answer({ ret: '-EBUSY' }))
    expect(run.said).toEqual(['dev2.file OPEN', 't1 RETURN ret=-EBUSY'])
    expect(run.atRest).toBe(true)
  })

  test('is refused when its container is gone, and leaves nothing behind', () => {
    const run = feed(openDeviceFile, open, call, answer(), answer({ ret: '-EINVAL' }), answer())
    expect(run.said).toEqual(['dev2.file OPEN', 'container1 ADD_USER', 'dev2.file RELEASED', 't1 RETURN ret=-EINVAL'])
    expect(run.atRest).toBe(true)
  })
})

describe('closing a device', () => {
  const close = { task: 't1', device: 'dev2', at: { file: 'dev2.file', release: 't1/dev2.release' } }
  const call = { type: 'CALL', process: 'vmm' }

  test('releases it with the last reference', () => {
    const run = feed(closeDeviceFile, close, call, answer({ last: true }), 'RETURN')
    expect(run.said).toEqual([
      'dev2.file CLOSE process=vmm',
      't1/dev2.release CALL device=dev2 process=vmm',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['leaves it alone while it is mapped', answer({ last: false }), '0'],
    ['of somebody else is a bad descriptor', answer({ ret: '-EBADF' }), '-EBADF'],
  ])('%s', (_, said, ret) => {
    const run = feed(closeDeviceFile, close, call, said)
    expect(run.said.slice(1)).toEqual([`t1 RETURN ret=${ret}`])
    expect(run.atRest).toBe(true)
  })
})

describe('the release of a device', () => {
  const at = {
    devSet: 'dev2.dev_set',
    life: 'dev2',
    protocol: 't1/protocol',
    hardware: 'hardware',
    closeContainer: 't1/container1.close',
    file: 'dev2.file',
  }
  const release = { task: 't1', device: 'dev2', at }
  const call = { type: 'CALL', device: 'dev2', process: 'vmm' }
  const rest = ['UNLOCKED', 'RETURN', answer(), answer(), answer()]

  test('tells the protocol, switches the memory off and on again, tells the protocol that it did, and gives everything back', () => {
    const told = ['RETURN', answer(), answer(), 'RETURN']
    const run = feed(releaseDeviceFile, release, call, 'LOCKED', answer({ last: true }), ...told, ...rest)
    expect(run.said).toEqual([
      'dev2.dev_set LOCK',
      'dev2 CLOSED',
      't1/protocol CALL do=RELEASE device=dev2',
      'hardware SET_MEMORY device=dev2 on=false',
      'hardware SET_MEMORY device=dev2 on=true',
      't1/protocol CALL do=DISABLED device=dev2',
      'dev2.dev_set UNLOCK',
      't1/container1.close CALL',
      'dev2 PUT',
      'hardware SET_OWNER device=dev2 owner=null',
      'dev2.file RELEASED',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('does nothing to a device that is still open', () => {
    const run = feed(releaseDeviceFile, release, call, 'LOCKED', answer({ last: false }), ...rest)
    expect(run.said.slice(2, 4)).toEqual(['dev2.dev_set UNLOCK', 't1/container1.close CALL'])
    expect(run.atRest).toBe(true)
  })
})

describe('closing a container', () => {
  const at = {
    users: 'container0',
    lock: 'container0.lock',
    type1: 'container0.type1',
    hardware: 'hardware',
    protocol: 't1/protocol',
  }
  const close = { task: 't1', container: 'container0', at }
  const dma = (slot: number) => ({
    ptr: { id: `container0.dma${slot}`, gen: 1 },
    iova: BigInt(slot) * 0x1000n,
    size: 0x1000n,
    process: 'vmm',
    vaddr: 0n,
    pfnmaps: [],
  })

  test('only counts while it has other users', () => {
    const run = feed(closeContainer, close, 'CALL', answer({ last: false }))
    expect(run.said).toEqual(['container0 DROP_USER', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('with the last user unmaps and forgets what is left, and frees the backend', () => {
    const each = [answer(), 'RETURN', 'REMOVED']
    const run = feed(
      ...([
        closeContainer,
        close,
        'CALL',
        answer({ last: true }),
        'LOCKED',
        answer({ dmas: [dma(1), dma(2)] }),
      ] as const),
      ...([...each, ...each, answer(), 'UNLOCKED'] as const),
    )
    expect(run.said.map((line) => line.replace(/dma=\[object Object\]/, 'dma=…'))).toEqual([
      'container0 DROP_USER',
      'container0.lock LOCK',
      'container0.type1 LIST',
      'hardware UNMAP domain=container0 iova=0x1000 size=0x1000',
      't1/protocol CALL do=FORGET container=container0 dma=…',
      'container0.type1 REMOVE dma=container0.dma1#1 site=vfio_remove_dma',
      'hardware UNMAP domain=container0 iova=0x2000 size=0x1000',
      't1/protocol CALL do=FORGET container=container0 dma=…',
      'container0.type1 REMOVE dma=container0.dma2#1 site=vfio_remove_dma',
      'container0.type1 FREE',
      'container0.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })
})

test('a DMA that a task lets a device issue is a call that takes no locks', () => {
  const arrival = { ret: 'hit', of: 'dev2', owner: 'vmm', memory: true }
  const input = { task: 't1', to: 'hardware', ask: 'DMA' }
  const run = feed(lockedCall, input, { type: 'CALL', device: 'dev1', iova: 0x1000n }, answer(arrival))
  expect(run.said).toEqual(['hardware DMA device=dev1 iova=0x1000', 't1 RETURN ret=hit of=dev2 owner=vmm memory=true'])
  expect(run.atRest).toBe(true)
})
