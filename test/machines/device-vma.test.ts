import { describe, expect, test } from 'vitest'
import type { Vma } from '../../machines/mm/vma/areas.ts'
import { fault } from '../../machines/mm/vma/fault.ts'
import { fork } from '../../machines/mm/vma/fork.ts'
import { indexed } from '../../machines/mm/vma/index-space.ts'
import { load } from '../../machines/mm/vma/load.ts'
import { mmap } from '../../machines/mm/vma/mmap.ts'
import { mremap } from '../../machines/mm/vma/mremap.ts'
import { munmap } from '../../machines/mm/vma/munmap.ts'
import type { MmForm, MmInput } from '../../machines/mm/vma/vma-steps.ts'
import { feed } from './feed.ts'

const page = 0x1000n

const processAt = (process: string) => ({
  mmapLock: `${process}.mmap_lock`,
  mm: `${process}.mm`,
  ptes: `${process}.ptes`,
})
const deviceAt = (device: string) => ({
  file: `${device}.file`,
  release: `t1/${device}.release`,
  memoryLock: `${device}.memory_lock`,
  vmaLock: `${device}.vma_lock`,
  vmaList: `${device}.vma_list`,
  iMmapRwsem: `${device}.i_mmap_rwsem`,
  inode: `${device}.inode`,
})

const wired = (zap: MmForm['zap'], more: { form?: Partial<MmForm>; protocol?: string } = {}): MmInput => ({
  task: 't1',
  form: { zap, pgoff: 'index', fork: 'opens-last', ...more.form },
  bars: {
    dev2: [
      { bar: 0, pfn: 0xfe000n, pages: 4n },
      { bar: 1, pfn: 0x380000000n, pages: 4n },
    ],
  },
  at: {
    processes: { vmm: processAt('vmm'), child: processAt('child') },
    devices: { dev2: deviceAt('dev2') },
    hardware: 'hardware',
    fault: 't1/fault',
    ...(more.protocol !== undefined && { protocol: more.protocol }),
  },
})

const shared = { id: 'private0', gen: 1 }
const vma = (n: number, start: bigint, pages = 1n, more: Partial<Vma> = {}): Vma => ({
  ...{ ptr: { id: `vmm.vma${n}`, gen: 1 }, start, size: pages * page },
  ...{ device: 'dev2', bar: 1, pgoff: indexed(1, 0n), ops: 'driver', private: null },
  ...more,
})
const answer = (fields: object = { ret: 0 }) => ({ type: 'ANSWER', ...fields })
const returned = (fields: object = { ret: 0 }) => ({ type: 'RETURN', ...fields })
const put = (last = false) => answer({ ret: 0, last })

/** Only what is asked of whom: the fields are looked at where they matter. */
const short = (said: readonly string[]) => said.map((line) => line.split(' ').slice(0, 2).join(' '))

describe('mmap of a BAR', () => {
  const call = { type: 'CALL', process: 'vmm', start: 0x2000n, size: page, device: 'dev2', bar: 1 }

  test('makes a mapping that holds the file and is linked to the inode; nothing is mapped yet', () => {
    const answers = [answer(), 'LOCKED', answer({ ret: 0, vma: vma(0, 0x2000n) }), 'LOCKED', answer(), 'UNLOCKED']
    const run = feed(mmap, wired('by-inode'), call, ...answers, 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.file GET fd=true process=vmm',
      'vmm.mmap_lock DOWN_WRITE',
      'vmm.mm INSERT start=0x2000 size=0x1000 device=dev2 bar=1 pgoff=0x10000000 ops=driver private=null',
      'dev2.i_mmap_rwsem DOWN_WRITE',
      'dev2.inode LINK process=vmm vmas=[[object Object]]',
      'dev2.i_mmap_rwsem UP_WRITE',
      'vmm.mmap_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('with the pfn in vm_pgoff, as RFC v2 had it', () => {
    const run = feed(mmap, wired('by-inode', { form: { pgoff: 'pfn' } }), { ...call, page: 2n }, answer(), 'LOCKED')
    expect(run.said.at(-1)).toContain('pgoff=0x380000002')
  })

  test('a driver that never zaps maps everything at once', () => {
    const answers = [answer(), 'LOCKED', answer({ ret: 0, vma: vma(0, 0x2000n) }), answer(), 'UNLOCKED']
    const run = feed(mmap, wired('never'), call, ...answers)
    expect(run.said.slice(3)).toEqual([
      'vmm.ptes SET vaddr=0x2000 pfn=0x380000000 size=0x1000',
      'vmm.mmap_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('needs an open descriptor', () => {
    const run = feed(mmap, wired('by-list'), call, answer({ ret: '-EBADF' }))
    expect(run.said.slice(1)).toEqual(['t1 RETURN ret=-EBADF'])
    expect(run.atRest).toBe(true)
  })

  test('where something is mapped already, lets go of the file after mmap_lock', () => {
    const answers = [answer(), 'LOCKED', answer({ ret: '-EEXIST', vma: null }), 'UNLOCKED', put(true), returned()]
    const run = feed(mmap, wired('by-list'), call, ...answers)
    expect(run.said.slice(3)).toEqual([
      'vmm.mmap_lock UP_WRITE',
      'dev2.file PUT',
      't1/dev2.release CALL device=dev2 process=vmm',
      't1 RETURN ret=-EEXIST',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['the driver refuses', { fails: true }],
    ['it would reach beyond the BAR', { page: 4n }],
    ['there is no such BAR', { bar: 3 }],
  ])('fails when %s, and nothing stays', (_, wrong) => {
    const answers = [answer(), 'LOCKED', answer({ ret: 0, vma: vma(0, 0x2000n) }), answer(), 'UNLOCKED', put()]
    const run = feed(mmap, wired('by-inode'), { ...call, ...wrong }, ...answers)
    expect(short(run.said.slice(3))).toEqual(['vmm.mm CUT', 'vmm.mmap_lock UP_WRITE', 'dev2.file PUT', 't1 RETURN'])
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EINVAL')
    expect(run.atRest).toBe(true)
  })

  test('where VFIO shares vm_private_data, it is asked before the driver and told afterwards', () => {
    const input = wired('by-inode', { protocol: 't1/protocol' })
    const begun = [call, answer(), 'LOCKED', answer({ ret: 0, vma: vma(0, 0x2000n) }), returned({ private: shared })]
    expect(feed(mmap, input, ...begun).said.slice(3)).toEqual([
      't1/protocol CALL do=MMAP process=vmm device=dev2',
      't1/protocol CALL do=MMAPPED process=vmm device=dev2 vma=[object Object] private=private0#1 ret=0',
    ])
    const failing = { ...call, fails: true }
    const run = feed(mmap, input, failing, ...begun.slice(1), returned(), answer(), 'UNLOCKED', put())
    expect(run.said[4]).toBe(
      't1/protocol CALL do=MMAPPED process=vmm device=dev2 vma=null private=private0#1 ret=-EINVAL',
    )
    expect(run.atRest).toBe(true)
  })

  test('of something that is no device needs no file, and has no vm_ops', () => {
    const other = { type: 'CALL', process: 'vmm', start: 0x2000n, size: page, device: null, pfn: 0x77n }
    const answers = [
      'LOCKED',
      answer({ ret: 0, vma: vma(0, 0x2000n, 1n, { device: null, pgoff: 0x77n }) }),
      answer(),
      'UNLOCKED',
    ]
    const run = feed(mmap, wired('by-inode', { protocol: 't1/protocol' }), other, ...answers)
    expect(run.said).toEqual([
      'vmm.mmap_lock DOWN_WRITE',
      'vmm.mm INSERT start=0x2000 size=0x1000 device=null bar=0 pgoff=0x77 ops=null private=null',
      'vmm.ptes SET vaddr=0x2000 pfn=0x77 size=0x1000',
      'vmm.mmap_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })
})

describe('munmap', () => {
  const call = { type: 'CALL', process: 'vmm', start: 0x2000n, size: page }
  const whole = answer({ opened: [], kept: [], closed: [vma(0, 0x2000n)] })

  test('by list: cleared, taken off the list under vma_lock, and the file let go after mmap_lock', () => {
    const answers = ['LOCKED', whole, answer(), 'LOCKED', answer(), 'UNLOCKED', 'UNLOCKED', put()]
    const run = feed(munmap, wired('by-list'), call, ...answers)
    expect(run.said).toEqual([
      'vmm.mmap_lock DOWN_WRITE',
      'vmm.mm CUT start=0x2000 size=0x1000',
      'vmm.ptes CLEAR start=0x2000 size=0x1000',
      'dev2.vma_lock LOCK',
      'dev2.vma_list DROP process=vmm vma=vmm.vma0#1',
      'dev2.vma_lock UNLOCK',
      'vmm.mmap_lock UP_WRITE',
      'dev2.file PUT',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('by inode: cleared while it can still be found there', () => {
    const answers = ['LOCKED', whole, answer(), 'LOCKED', answer(), 'UNLOCKED', 'UNLOCKED', put(true), returned()]
    const run = feed(munmap, wired('by-inode'), call, ...answers)
    expect(short(run.said.slice(2))).toEqual([
      'vmm.ptes CLEAR',
      'dev2.i_mmap_rwsem DOWN_WRITE',
      'dev2.inode UNLINK',
      'dev2.i_mmap_rwsem UP_WRITE',
      'vmm.mmap_lock UP_WRITE',
      'dev2.file PUT',
      't1/dev2.release CALL',
      't1 RETURN',
    ])
    expect(run.atRest).toBe(true)
  })

  test('a part is split off first: the copy is opened like any other, then it is what is closed', () => {
    const copy = vma(1, 0x2000n)
    const cut = answer({ opened: [copy], kept: [vma(0, 0x3000n)], closed: [copy] })
    const open = [answer(), 'LOCKED', answer(), 'UNLOCKED']
    const close = [answer(), 'LOCKED', answer(), 'UNLOCKED']
    const run = feed(munmap, wired('by-inode'), call, 'LOCKED', cut, ...open, ...close, 'UNLOCKED', put())
    expect(run.said.slice(2)).toEqual([
      'dev2.file GET',
      'dev2.i_mmap_rwsem DOWN_WRITE',
      'dev2.inode LINK process=vmm vmas=[[object Object], [object Object]]',
      'dev2.i_mmap_rwsem UP_WRITE',
      'vmm.ptes CLEAR start=0x2000 size=0x1000',
      'dev2.i_mmap_rwsem DOWN_WRITE',
      'dev2.inode UNLINK process=vmm vma=vmm.vma1#1',
      'dev2.i_mmap_rwsem UP_WRITE',
      'vmm.mmap_lock UP_WRITE',
      'dev2.file PUT',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('VFIO counts a copy before the driver opens it, and lets go after the driver closed it', () => {
    const copy = vma(1, 0x2000n, 1n, { ops: 'vfio', private: shared })
    const cut = answer({ opened: [copy], kept: [vma(0, 0x3000n)], closed: [copy] })
    const open = [answer(), returned(), answer()]
    const close = [answer(), 'LOCKED', answer(), 'UNLOCKED', returned()]
    const input = wired('by-list', { protocol: 't1/protocol' })
    const run = feed(munmap, input, call, 'LOCKED', cut, ...open, ...close, 'UNLOCKED', put())
    expect(run.said.slice(2)).toEqual([
      'dev2.file GET',
      't1/protocol CALL do=OPEN process=vmm vma=[object Object]',
      'vmm.ptes CLEAR start=0x2000 size=0x1000',
      'vmm.ptes CLEAR start=0x2000 size=0x1000',
      'dev2.vma_lock LOCK',
      'dev2.vma_list DROP process=vmm vma=vmm.vma1#1',
      'dev2.vma_lock UNLOCK',
      't1/protocol CALL do=CLOSE process=vmm vma=[object Object]',
      'vmm.mmap_lock UP_WRITE',
      'dev2.file PUT',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('what is of no device is only cleared', () => {
    const other = vma(0, 0x2000n, 1n, { device: null, ops: null })
    const cut = answer({ opened: [other], kept: [], closed: [other] })
    const run = feed(munmap, wired('by-inode'), call, 'LOCKED', cut, answer(), 'UNLOCKED')
    expect(short(run.said.slice(2))).toEqual(['vmm.ptes CLEAR', 'vmm.mmap_lock UP_WRITE', 't1 RETURN'])
    expect(run.atRest).toBe(true)
  })
})

describe('mremap', () => {
  const call = { type: 'CALL', process: 'vmm', start: 0x2000n, to: 0x8000n }
  const change = answer({ ret: 0, opened: [vma(1, 0x8000n)], closed: [vma(0, 0x2000n)] })

  test('opens the copy, takes along what was mapped, and closes the old mapping', () => {
    const opened = [answer(), answer()]
    const closed = [answer(), 'LOCKED', answer(), 'UNLOCKED', 'UNLOCKED', put()]
    const run = feed(mremap, wired('by-list'), call, 'LOCKED', change, ...opened, answer(), ...closed)
    expect(run.said.slice(1)).toEqual([
      'vmm.mm MOVE start=0x2000 to=0x8000',
      'dev2.file GET',
      'vmm.ptes CLEAR start=0x8000 size=0x1000 copyOf=0x2000',
      'vmm.ptes MOVE start=0x2000 to=0x8000 size=0x1000',
      'vmm.ptes CLEAR start=0x2000 size=0x1000',
      'dev2.vma_lock LOCK',
      'dev2.vma_list DROP process=vmm vma=vmm.vma0#1',
      'dev2.vma_lock UNLOCK',
      'vmm.mmap_lock UP_WRITE',
      'dev2.file PUT',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('of nothing fails', () => {
    const nothing = answer({ ret: '-EFAULT', opened: [], closed: [] })
    const run = feed(mremap, wired('by-list'), call, 'LOCKED', nothing, 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['vmm.mmap_lock UP_WRITE', 't1 RETURN ret=-EFAULT'])
    expect(run.atRest).toBe(true)
  })
})

describe('fork', () => {
  const call = { type: 'CALL', process: 'vmm', child: 'child' }
  const copied = (more: Partial<Vma> = {}) => answer({ opened: [vma(0, 0x2000n, 1n, more)] })
  const listed = answer({ vmas: [vma(0, 0x2000n)] })

  const present = answer({ entries: [{ vaddr: 0x2000n, pfn: 0x380000000n }] })
  const entries = [answer(), present, answer()]
  const copies = [
    'child.ptes HOLD',
    'vmm.ptes READ start=0x2000 size=0x1000',
    'child.ptes FILL entries=[[object Object]]',
  ]

  test('copies every mapping with both locks held: linked first, then filled with what the parent had', () => {
    const answers = ['LOCKED', 'LOCKED', listed, copied(), answer(), 'LOCKED', answer(), 'UNLOCKED', ...entries]
    const run = feed(fork, wired('by-inode'), call, ...answers, 'UNLOCKED', 'UNLOCKED')
    expect(run.said).toEqual([
      'vmm.mmap_lock DOWN_WRITE',
      'child.mmap_lock DOWN_WRITE',
      'vmm.mm LIST',
      'child.mm COPY vmas=[[object Object]]',
      'dev2.file GET',
      'dev2.i_mmap_rwsem DOWN_WRITE',
      'dev2.inode LINK process=child vmas=[[object Object]]',
      'dev2.i_mmap_rwsem UP_WRITE',
      ...copies,
      'child.mmap_lock UP_WRITE',
      'vmm.mmap_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('by list, opening the copy clears it: the child faults in what it touches', () => {
    const shares = wired('by-list', { protocol: 't1/protocol' })
    const copy = copied({ ops: 'vfio', private: shared })
    const opened = [answer(), ...entries, returned(), answer()]
    const run = feed(fork, shares, call, 'LOCKED', 'LOCKED', listed, copy, ...opened, 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(4, -3)).toEqual([
      'dev2.file GET',
      ...copies,
      't1/protocol CALL do=OPEN process=child vma=[object Object]',
      'child.ptes CLEAR start=0x2000 size=0x1000',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each(['driver', 'vfio'] as const)('opened first, what is copied afterwards stays: ops of the %s', (ops) => {
    const opensFirst = wired('by-list', { protocol: 't1/protocol', form: { fork: 'opens-first' } })
    const told = ops === 'vfio' ? ['t1/protocol CALL do=OPEN process=child vma=[object Object]'] : []
    const opened = [...told.map(() => returned()), answer(), answer(), ...entries]
    const copy = copied({ ops, private: ops === 'vfio' ? shared : null })
    const run = feed(fork, opensFirst, call, 'LOCKED', 'LOCKED', listed, copy, ...opened, 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(4, -3)).toEqual([
      ...told,
      'child.ptes CLEAR start=0x2000 size=0x1000',
      'dev2.file GET',
      ...copies,
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['of a driver that never zaps', 'never', {}, ['dev2.file GET']],
    ['of no device', 'by-list', { device: null, ops: null, pgoff: 0x77n }, []],
  ] as const)('what never faults is copied like the rest, and nobody clears it: %s', (_, zap, more, first) => {
    const gotten = [...first.map(() => answer()), ...entries]
    const run = feed(fork, wired(zap), call, 'LOCKED', 'LOCKED', listed, copied(more), ...gotten)
    expect(run.said.slice(4)).toEqual([...first, ...copies, 'child.mmap_lock UP_WRITE'])
  })
})

describe('a fault', () => {
  const call = { type: 'CALL', process: 'vmm', vaddr: 0x2000n, vma: vma(0, 0x2000n, 2n) }

  test('by list: vma_lock, then memory_lock; the mapping is listed before it is mapped', () => {
    const answers = ['LOCKED', 'LOCKED', answer({ on: true }), answer(), answer(), 'UNLOCKED', 'UNLOCKED']
    const run = feed(fault, wired('by-list'), call, ...answers)
    expect(run.said).toEqual([
      'dev2.vma_lock LOCK',
      'dev2.memory_lock DOWN_READ',
      'hardware IS_ON device=dev2',
      'dev2.vma_list ADD process=vmm vma=vmm.vma0#1 start=0x2000 size=0x2000',
      'vmm.ptes SET vaddr=0x2000 pfn=0x380000000 size=0x2000',
      'dev2.memory_lock UP_READ',
      'dev2.vma_lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('by inode: memory_lock alone', () => {
    const run = feed(fault, wired('by-inode'), call, 'LOCKED', answer({ on: true }), answer(), 'UNLOCKED')
    expect(short(run.said)).toEqual([
      'dev2.memory_lock DOWN_READ',
      'hardware IS_ON',
      'vmm.ptes SET',
      'dev2.memory_lock UP_READ',
      't1 RETURN',
    ])
    expect(run.atRest).toBe(true)
  })

  test('is refused while memory is off', () => {
    const run = feed(fault, wired('by-list'), call, 'LOCKED', 'LOCKED', answer({ on: false }), 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(3)).toEqual(['dev2.memory_lock UP_READ', 'dev2.vma_lock UNLOCK', 't1 RETURN ret=-SIGBUS'])
    expect(run.atRest).toBe(true)
  })

  test('in a driver that was not converted, takes what VFIO shares for the driver’s own', () => {
    const wrapped = { ...call, vma: vma(0, 0x2000n, 1n, { ops: 'vfio', private: shared }) }
    const unconverted = wired('by-inode', { form: { convertedDriver: false } })
    expect(feed(fault, unconverted, wrapped).said).toEqual(['! bug general protection fault in vfio_pci_mmap_fault'])
    expect(short(feed(fault, unconverted, call).said)).toEqual(['dev2.memory_lock DOWN_READ'])
    expect(short(feed(fault, wired('by-inode'), wrapped).said)).toEqual(['dev2.memory_lock DOWN_READ'])
  })
})

describe('a load', () => {
  const call = { type: 'CALL', process: 'vmm', vaddr: 0x2010n }
  const hit = answer({ ret: 'hit', of: 'dev2', owner: 'vmm', memory: true })
  const found = answer({ vma: vma(0, 0x2000n) })

  test('of what is mapped goes out to the device, and nobody can clear the entry meanwhile', () => {
    const run = feed(load, wired('by-inode'), call, answer({ pfn: 0x380000000n }), hit, answer())
    expect(run.said).toEqual([
      'vmm.ptes WALK vaddr=0x2010',
      'hardware LOAD pfn=0x380000000',
      'vmm.ptes WALKED',
      't1 RETURN ret=hit of=dev2 owner=vmm memory=true',
    ])
    expect(run.atRest).toBe(true)
  })

  test('of what is not mapped yet faults, and is tried again', () => {
    const faulted = ['LOCKED', found, returned(), 'UNLOCKED']
    const again = [answer({ pfn: 0x380000000n }), hit, answer()]
    const run = feed(load, wired('by-inode'), call, answer({ pfn: null }), ...faulted, ...again)
    expect(run.said.slice(0, 6)).toEqual([
      'vmm.ptes WALK vaddr=0x2010',
      'vmm.mmap_lock DOWN_READ',
      'vmm.mm FIND vaddr=0x2010',
      't1/fault CALL process=vmm vaddr=0x2010 vma=[object Object]',
      'vmm.mmap_lock UP_READ',
      'vmm.ptes WALK vaddr=0x2010',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['nothing is mapped', 'by-inode', [answer({ vma: null })], '-SIGSEGV'],
    ['the driver refuses', 'by-inode', [found, returned({ ret: '-SIGBUS' })], '-SIGBUS'],
    ['there is no fault handler', 'never', [found], '-SIGBUS'],
    ['it is no device’s', 'by-inode', [answer({ vma: vma(0, 0x2000n, 1n, { device: null }) })], '-SIGBUS'],
  ] as const)('where %s the process gets a signal', (_, zap, answers, signal) => {
    const run = feed(load, wired(zap), call, answer({ pfn: null }), 'LOCKED', ...answers, 'UNLOCKED')
    expect(run.said.at(-1)).toBe(`t1 RETURN ret=${signal} of=null owner=null memory=null`)
    expect(run.atRest).toBe(true)
  })
})
