/** System calls beside drivers that pin, memory of devices and PASIDs, in one world: what is one's is no other's, and a thread can do both. */
import { describe, expect, test } from 'vitest'
import * as memory from '../../actors/kernel/device-memory/describe.ts'
import { disableMemory, dma, mapMemory, mmap, share } from '../../actors/kernel/device-memory/describe.ts'
import { by, type LinuxDescription } from '../../actors/kernel/describe.ts'
import * as pasids from '../../actors/kernel/sva/describe.ts'
import { bind, exit } from '../../actors/kernel/sva/describe.ts'
import * as pinning from '../../actors/kernel/unmap/describe.ts'
import { map, pin, unmap, unpin } from '../../actors/kernel/unmap/describe.ts'
import { writtenAs } from '../../actors/kernel/written.ts'
import { start } from '../../actors/running/told.ts'
import type { Word } from '../../actors/scripts/script.ts'
import { explore, linux } from '../../index.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { builtIn, call, kernel, procedure, syscall } from '../../kernel/index.ts'
import { refusalOf, type Refusal } from '../shapes/refusals.ts'

const page = 0x1000
const opened = [
  { op: 'open_container', as: 'c0' },
  { op: 'open_group', dev: 'emu0', as: 'g0' },
  { op: 'group_set_container', fd: 'g0', container: 'c0' },
  { op: 'set_iommu', fd: 'c0', type: 3 },
  { op: 'mmap', as: 'b0', len: page },
  { op: 'map_dma', fd: 'c0', iova: page, size: page, vaddr: 'b0', flags: 3 },
  { op: 'thread', as: 't1' },
]
const unmapCall = { op: 'unmap_dma', fd: 'c0', iova: page, size: page }

/** Everything that there is. */
const everything = (tasks: LinuxDescription['tasks'], more: Partial<LinuxDescription> = {}): LinuxDescription => ({
  ...{ systemCalls: '6.1', unmap: 'device-list', deviceMemory: 'device-notifier', svm: 'sva-domain' },
  containers: {
    guest: {
      mappings: [{ iova: page, size: page }],
      groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
    },
  },
  devices: { nic: { container: 'guest' }, gpu: {} },
  before: [...opened, share('nic'), mapMemory('guest', 0x2000, 'nic')],
  tasks,
  ...more,
})

const afterwards = (description: LinuxDescription) => start(linux(description)).settle().state

describe('one world', () => {
  test('has all four, and each does what it does by itself', () => {
    const w = afterwards(
      everything({
        p0: [unmapCall],
        vmm0: [unmap(page, page)],
        vmm1: [disableMemory('nic'), dma('nic', 0x2000)],
        other0: { process: 'other', script: [bind('gpu')] },
      }),
    )
    expect(w.finished).toBe(true)
    expect(w.tasks).toEqual(['p0', 'vmm0', 'vmm1', 'other0'])
    expect(w.system.result('p0', 0)).toMatchObject({ ret: 0, size: '0x1000' })
    expect(w.system.mappings()).toEqual([])
    expect(w.vfio.mapped(page)).toBe(false)
    expect(w.vfio.driver('mdev0').pins).toEqual([])
    expect(w.result('vmm1', 'dma')?.ret).toBe('unsupported-request')
    expect(w.result('other0', 'bind')?.ret).toBe(0)
    expect(w.svm.bound.map(({ device }) => device)).toEqual(['gpu'])
  })

  test('is searched to its end; what does not meet what it is about counts by itself', async () => {
    const counts = async (description: LinuxDescription) => {
      const { states, exhaustive, findings } = await explore(linux(description), [always('all is well', () => true)], {
        symmetry: false,
        reduction: false,
      })
      expect([exhaustive, findings]).toEqual([true, []])
      return states
    }
    const driver = { unmap: 'device-list', containers: everything({}).containers! } as const
    const pins = { vmm0: [unpin('mdev0', page)] }
    const alone = [
      await counts({ systemCalls: '6.1', before: opened, tasks: { p0: [unmapCall] } }),
      await counts({ ...driver, tasks: pins }),
    ]
    const both = await counts({ ...driver, systemCalls: '6.1', before: opened, tasks: { p0: [unmapCall], ...pins } })
    expect(both).toBe(alone[0]! * alone[1]!)
  })

  test('has the kworker of each, where locked memory is counted later', () => {
    const w = afterwards(
      everything(
        { p0: [unmapCall], vmm0: [unpin('mdev0', page)], other0: { process: 'other', script: [bind('gpu'), exit()] } },
        { systemCalls: '4.10', unmap: 'under-lock' },
      ),
    )
    expect(w.quiet).toBe(true)
    expect([w.system.locked(), w.system.read('system.kworker').state, w.system.read('kworker').state]).toEqual([
      0,
      'waiting',
      'waiting',
    ])
  })

  test('goes on when all are through, whatever they call', async () => {
    const after = [{ op: 'unmap_dma', fd: 'c0', iova: page, size: page, proc: 't1' }]
    const w = afterwards(everything({ p0: [], vmm0: [pin('mdev0', page), unpin('mdev0', page)] }, { after }))
    expect(w.result('t1', 'unmap_dma')?.ret).toBe(0)
    const early = always<typeof w>('t1 waits for vmm0', (v) => !v.system.result('t1', 0) || v.task('vmm0').finished)
    const { exhaustive, findings } = await explore(
      linux(everything({ p0: [], vmm0: [unpin('mdev0', page)] }, { after })),
      [early],
    )
    expect([exhaustive, findings]).toEqual([true, []])
  })
})

describe('a thread of system calls', () => {
  test('makes calls that are none, in the order of its script', () => {
    const w = afterwards(everything({ p0: [unmapCall, pin('mdev0', page), unmapCall, unmap(page, page)] }))
    expect(w.task('p0').results.map(({ call, ret }) => [call, ret])).toEqual([
      ['unmap_dma', 0],
      ['pin', 1],
      ['unmap_dma', 0],
      ['unmap', 0],
    ])
    expect([0, 1].map((nth) => w.system.result('p0', nth)!['size'])).toEqual(['0x1000', '0x0'])
    expect(() => w.system.result('p0', 2)).toThrow('Unknown operation "2"')
  })

  test('maps memory of its own process for a driver', () => {
    const w = afterwards(everything({ t1: [map(0x5000, page)] }))
    expect(w.vfio.mapped(0x5000)).toBe(true)
  })
})

describe('an object is of one subject', () => {
  const refused: readonly Refusal[] = [
    [
      'a container that system calls make',
      { ...everything({ p0: [] }), containers: { container0: everything({}).containers!['guest']! } },
      'containers.container0 cannot be called so: in system calls something else is called "container0"',
      'a name of its own',
    ],
    [
      'a device of the machine',
      everything({ p0: [] }, { devices: { nic: { container: 'guest' }, edu0: {} } }),
      'devices.edu0 cannot be called so',
      'a name of its own',
    ],
    [
      'memory of a process whose threads make system calls',
      everything({ p0: [unmapCall, mmap('nic')] }),
      'tasks.p0[1] would be about the memory of p0',
      'a call of a task of its own',
    ],
    [
      'a PASID of such a process',
      everything({ p0: [unmapCall, bind('gpu')] }),
      'tasks.p0[1] would be about the memory of p0',
      'bind(…)',
    ],
    [
      'a system call by somebody who is no thread',
      everything({ vmm0: [unmapCall] }),
      'tasks.vmm0 is nobody by then',
      'p0, or a thread',
    ],
    [
      'such a process by its name',
      everything({ vmm0: { process: 'p0', script: [disableMemory('nic')] } }),
      'tasks.vmm0.script[0] would be about the memory of p0',
      "Leave out `process: 'p0'` in tasks.vmm0",
    ],
    [
      'memory that is switched off by such a process',
      everything({ p0: [unmapCall, disableMemory('nic')], vmm0: [disableMemory('nic')] }),
      'tasks.p0[1] would be about the memory of p0',
      'other0: [disableMemory(…)]',
    ],
    [
      'memory that such a process shares before',
      everything({ p0: [unmapCall] }, { before: [...opened, ...by('p0', share('nic'))] }),
      `before[${opened.length}] would be about the memory of p0`,
      'Write share(…) without `by`',
    ],
    [
      'a device that such a process has open',
      everything({ p0: [unmapCall] }, { devices: { nic: { container: 'guest', openBy: 'p0' }, gpu: {} } }),
      'devices.nic.openBy cannot be "p0"',
      'a process that makes no system calls, as "vmm"',
    ],
    [
      'the process that tasks are of where they do not say',
      everything({ p0: [], vmm0: [] }, { before: [...opened, { op: 'fork', as: 'vmm' }] }),
      'tasks are of process vmm unless they say otherwise',
      'another name than "vmm"',
    ],
    [
      'a group of the machine',
      {
        ...everything({ p0: [] }),
        containers: { guest: { groups: { group0: { devices: { mdev0: { driver: 'unpins-all' } } } } } },
      },
      'containers.guest.groups.group0 cannot be called so',
      'a name of its own, as "group0b"',
    ],
    [
      'a device with two drivers',
      everything({ p0: [] }, { devices: { nic: { container: 'guest' }, mdev0: {} } }),
      'a device is called "mdev0", at containers.guest.groups.group26.devices.mdev0',
      'a name of its own',
    ],
    [
      'a system call among calls that are none',
      everything({ vmm0: [disableMemory('nic'), unmapCall] }),
      'tasks.vmm0[1] is a system call, and vmm0 is no thread that makes any',
      'a system call of p0',
    ],
  ]
  test.each(refused)('%s', (_, description, fact, expected) =>
    expect(refusalOf(() => linux(description as LinuxDescription))).toEqual({
      fact: expect.stringContaining(fact),
      rest: expect.stringContaining(expected),
    }),
  )
})

test('a call is written as the function that makes it is called', () => {
  const makers = Object.entries({ ...pinning, ...memory, ...pasids }).filter(([, maker]) => typeof maker === 'function')
  expect(makers.length).toBeGreaterThanOrEqual(40)
  for (const [name, maker] of makers)
    expect(writtenAs((maker as (...given: unknown[]) => Word)('a', 1, 'b'))).toBe(name)
})

test('who joins such a world makes the calls of all of it', async () => {
  const both = procedure('both', [
    syscall(unmapCall),
    call(builtIn('unmap@guest'), { with: () => ({ iova: BigInt(page), size: BigInt(page) }) }),
  ])
  const beside = linux(everything({ vmm0: [pin('mdev0', page)] }, { unmap: 'restart' }))
  const { exhaustive, findings, properties } = await explore(kernel({ beside, threads: { t1: both } }), [
    // What another process has mapped stays.
    sometimes('one is unmapped', (w) => w.finished && w.vfio.mapped(page) && w.system.mappings().length === 0),
  ])
  expect([exhaustive, findings, properties.map(({ verdict }) => verdict)]).toEqual([true, [], ['seen']])
})
