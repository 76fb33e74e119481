import { describe, expect, test } from 'vitest'
import { inode } from '../../machines/mm/vma/inode.ts'
import { hotResetSet } from '../../machines/pci/reset/hot-reset-set.ts'
import { deviceReset } from '../../machines/pci/reset/reset.ts'
import { setMemory } from '../../machines/pci/memory/set-memory.ts'
import { vmaList } from '../../machines/pci/memory/vma-list.ts'
import { zapByInode } from '../../machines/pci/memory/zap-by-inode.ts'
import { zapByList } from '../../machines/pci/memory/zap-by-list.ts'
import { feed } from './feed.ts'

const vma = (slot: number, gen = 1) => ({ id: `vmm.vma${slot}`, gen })
const entry = (slot: number, process = 'vmm') => ({
  ...{ process, vma: vma(slot) },
  start: BigInt(slot) * 0x1000n,
  size: 0x1000n,
})
const processes = {
  vmm: { mmapLock: 'vmm.mmap_lock', mm: 'vmm.mm', ptes: 'vmm.ptes' },
  other: { mmapLock: 'other.mmap_lock', mm: 'other.mm', ptes: 'other.ptes' },
}
const answer = (fields: object = {}) => ({ type: 'ANSWER', ret: 0, ...fields })
const returned = (ret: number | string = 0) => ({ type: 'RETURN', ret })

describe('the list of vmas', () => {
  const add = (slot: number, process?: string) => ({ type: 'ADD', ...entry(slot, process) })
  const listed = (...heard: Parameters<typeof feed>[2][]) =>
    feed(vmaList, {}, ...heard).snapshot.context.entries.map((each: { vma: { id: string } }) => each.vma.id)

  test('has the newest first, and each once', () => {
    expect(listed(add(1), add(2), add(1))).toEqual(['vmm.vma2', 'vmm.vma1'])
    expect(feed(vmaList, {}, add(1), { type: 'FIRST' }).snapshot.context.entries).toEqual([entry(1)])
  })

  test('loses what is closed, and is not surprised by what it never had', () => {
    const drop = (slot: number, process = 'vmm') => ({ type: 'DROP', process, vma: vma(slot) })
    expect(listed(add(1), add(2), drop(2))).toEqual(['vmm.vma1'])
    expect(listed(add(1), drop(1, 'other'), drop(3))).toEqual(['vmm.vma1'])
    expect(feed(vmaList, {}, add(1), drop(1)).atRest).toBe(true)
  })

  test('gives up everything of one process at once', () => {
    expect(listed(add(1), add(2, 'other'), add(3), { type: 'TAKE', process: 'vmm' })).toEqual(['vmm.vma2'])
  })
})

describe('a zap by list', () => {
  const at = { vmaLock: 'dev2.vma_lock', vmaList: 'dev2.vma_list', processes }
  const zap = { task: 't1', at }
  const call = { type: 'CALL', try: false }
  const tried = { type: 'CALL', try: true }
  const none = answer({ entry: null })

  test('of nothing ends with vma_lock held', () => {
    const run = feed(zapByList, zap, call, 'LOCKED', none)
    expect(run.said).toEqual(['dev2.vma_lock LOCK', 'dev2.vma_list FIRST', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('lets go of vma_lock to take mmap_lock, and searches again', () => {
    const round = ['LOCKED', answer({ entry: entry(1) }), 'UNLOCKED', 'LOCKED', 'LOCKED']
    const entries = answer({ entries: [entry(3), entry(1)] })
    const run = feed(
      zapByList,
      zap,
      call,
      ...round,
      entries,
      answer(),
      answer(),
      'UNLOCKED',
      'UNLOCKED',
      'LOCKED',
      none,
    )
    expect(run.said).toEqual([
      'dev2.vma_lock LOCK',
      'dev2.vma_list FIRST',
      'dev2.vma_lock UNLOCK',
      'vmm.mmap_lock DOWN_READ',
      'dev2.vma_lock LOCK',
      'dev2.vma_list TAKE process=vmm',
      'vmm.ptes CLEAR start=0x3000 size=0x1000',
      'vmm.ptes CLEAR start=0x1000 size=0x1000',
      'dev2.vma_lock UNLOCK',
      'vmm.mmap_lock UP_READ',
      'dev2.vma_lock LOCK',
      'dev2.vma_list FIRST',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('finds nothing the second time when the vma was closed meanwhile', () => {
    const round = ['LOCKED', answer({ entry: entry(1, 'other') }), 'UNLOCKED', 'LOCKED', 'LOCKED']
    const run = feed(zapByList, zap, call, ...round, answer({ entries: [] }), 'UNLOCKED')
    expect(run.said.slice(-3)).toEqual([
      'dev2.vma_list TAKE process=other',
      'dev2.vma_lock UNLOCK',
      'other.mmap_lock UP_READ',
    ])
  })

  describe('that only tries', () => {
    test('gives up at vma_lock', () => {
      const run = feed(zapByList, zap, tried, 'BUSY')
      expect(run.said).toEqual(['dev2.vma_lock TRYLOCK', 't1 RETURN ret=-EBUSY'])
      expect(run.atRest).toBe(true)
    })

    test('gives up at mmap_lock, holding nothing', () => {
      const run = feed(zapByList, zap, tried, 'LOCKED', answer({ entry: entry(1) }), 'UNLOCKED', 'BUSY')
      expect(run.said.slice(2)).toEqual(['dev2.vma_lock UNLOCK', 'vmm.mmap_lock TRY_READ', 't1 RETURN ret=-EBUSY'])
      expect(run.atRest).toBe(true)
    })

    test('gives up at the second vma_lock, and lets go of mmap_lock', () => {
      const first = ['LOCKED', answer({ entry: entry(1) }), 'UNLOCKED', 'LOCKED']
      const run = feed(zapByList, zap, tried, ...first, 'BUSY', 'UNLOCKED')
      expect(run.said.slice(-3)).toEqual(['dev2.vma_lock TRYLOCK', 'vmm.mmap_lock UP_READ', 't1 RETURN ret=-EBUSY'])
      expect(run.atRest).toBe(true)
    })
  })

  describe('without the switcheroo', () => {
    const straight = { ...zap, switcheroo: false }

    test('takes mmap_lock under vma_lock', () => {
      const entries = answer({ entries: [entry(1)] })
      const first = ['LOCKED', answer({ entry: entry(1) }), 'LOCKED', entries, answer(), 'UNLOCKED']
      const run = feed(zapByList, straight, call, ...first, none)
      expect(run.said).toEqual([
        'dev2.vma_lock LOCK',
        'dev2.vma_list FIRST',
        'vmm.mmap_lock DOWN_READ',
        'dev2.vma_list TAKE process=vmm',
        'vmm.ptes CLEAR start=0x1000 size=0x1000',
        'vmm.mmap_lock UP_READ',
        'dev2.vma_list FIRST',
        't1 RETURN ret=0',
      ])
      expect(run.atRest).toBe(true)
    })

    test('gives vma_lock back when mmap_lock is busy', () => {
      const run = feed(zapByList, straight, tried, 'LOCKED', answer({ entry: entry(1) }), 'BUSY', 'UNLOCKED')
      expect(run.said.slice(-2)).toEqual(['dev2.vma_lock UNLOCK', 't1 RETURN ret=-EBUSY'])
      expect(run.atRest).toBe(true)
    })
  })

  test('that does not search again follows the pointer it saw', () => {
    const round = ['LOCKED', answer({ entry: entry(1) }), 'UNLOCKED', 'LOCKED', 'LOCKED']
    const rest = [answer(), answer(), answer(), 'UNLOCKED', 'UNLOCKED', 'LOCKED', none]
    const run = feed(zapByList, { ...zap, rescans: false }, call, ...round, ...rest)
    expect(run.said.slice(5, 8)).toEqual([
      'vmm.mm USE vma=vmm.vma1#1 site=vfio_pci_zap_and_vma_lock',
      'dev2.vma_list DROP process=vmm vma=vmm.vma1#1',
      'vmm.ptes CLEAR start=0x1000 size=0x1000',
    ])
    expect(run.atRest).toBe(true)
  })
})

describe('a zap by inode', () => {
  const zap = { task: 't1', at: { iMmapRwsem: 'dev2.i_mmap_rwsem', inode: 'dev2.inode', processes } }
  const ranges = [
    { process: 'vmm', start: 0x1000n, size: 0x1000n },
    { process: 'other', start: 0x5000n, size: 0x2000n },
  ]

  test('walks what is linked there, whoever it belongs to', () => {
    const run = feed(zapByInode, zap, 'CALL', 'LOCKED', answer({ ranges }), answer(), answer(), 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.i_mmap_rwsem DOWN_READ',
      'dev2.inode OVERLAPPING pgoff=0x0 pages=0x60000000',
      'vmm.ptes CLEAR start=0x1000 size=0x1000',
      'other.ptes CLEAR start=0x5000 size=0x2000',
      'dev2.i_mmap_rwsem UP_READ',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('misses a vma that counts in physical pages, unless they happen to lie in the range', () => {
    const link = (slot: number, pgoff: bigint) => ({
      type: 'LINK',
      process: 'vmm',
      vmas: [{ ...entry(slot), ptr: vma(slot), pgoff, device: 'dev2', bar: 0, ops: 'driver', private: null }],
    })
    const asked = { type: 'OVERLAPPING', pgoff: 0n, pages: 0x60000000n }
    const found = (pgoff: bigint) => feed(inode, {}, link(1, pgoff), asked).said.at(-1)
    expect(found(0xfe000n)).not.toBe('t1 ANSWER ranges=[]')
    expect(found(2n << 28n)).not.toBe('t1 ANSWER ranges=[]')
    expect(found(0x380000000n)).toBe('t1 ANSWER ranges=[]')
  })
})

const at = {
  zap: 't1/dev2.zap',
  vmaLock: 'dev2.vma_lock',
  memoryLock: 'dev2.memory_lock',
  protocol: 't1/protocol',
  hardware: 'hardware',
}
const one = { task: 't1', device: 'dev2', at, tellsMemory: 'under-memory-lock' }
const told = (on: boolean) => `t1/protocol CALL do=MEMORY device=dev2 on=${on}`

describe('switching memory off', () => {
  const off = { type: 'CALL', on: false }

  test('zaps by list, and holds vma_lock until it has memory_lock', () => {
    const input = { ...one, zap: 'by-list', memory: 'keep' }
    const run = feed(setMemory, input, off, returned(), 'LOCKED', 'UNLOCKED', answer(), 'UNLOCKED')
    expect(run.said).toEqual([
      't1/dev2.zap CALL try=false',
      'dev2.memory_lock DOWN_WRITE',
      'dev2.vma_lock UNLOCK',
      'hardware SET_MEMORY device=dev2 on=false',
      'dev2.memory_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('zaps by inode under memory_lock', () => {
    const input = { ...one, zap: 'by-inode', memory: 'keep' }
    const run = feed(setMemory, input, off, 'LOCKED', returned(), answer(), 'UNLOCKED')
    expect(run.said.slice(0, 3)).toEqual([
      'dev2.memory_lock DOWN_WRITE',
      't1/dev2.zap CALL try=false',
      'hardware SET_MEMORY device=dev2 on=false',
    ])
    expect(run.atRest).toBe(true)
  })

  test('zaps nothing where the kernel did not', () => {
    const input = { ...one, zap: 'never', memory: 'keep' }
    const run = feed(setMemory, input, off, 'LOCKED', answer(), 'UNLOCKED')
    expect(run.said.slice(0, 2)).toEqual(['dev2.memory_lock DOWN_WRITE', 'hardware SET_MEMORY device=dev2 on=false'])
    expect(run.atRest).toBe(true)
  })

  test.each(['unmap', 'revoke'])('is told under memory_lock, before it happens: %s', (memory) => {
    const input = { ...one, zap: 'by-inode', memory }
    const run = feed(setMemory, input, off, 'LOCKED', returned(), returned(), answer(), 'UNLOCKED')
    expect(run.said.slice(1, 4)).toEqual([
      't1/dev2.zap CALL try=false',
      told(false),
      'hardware SET_MEMORY device=dev2 on=false',
    ])
    expect(run.atRest).toBe(true)
  })

  test('is told with no lock held, before everything', () => {
    const input = { ...one, zap: 'by-list', memory: 'revoke', tellsMemory: 'before-it' }
    const run = feed(setMemory, input, off, returned(), returned(), 'LOCKED', 'UNLOCKED', answer(), 'UNLOCKED')
    expect(run.said.slice(0, 2)).toEqual([told(false), 't1/dev2.zap CALL try=false'])
    expect(run.said.at(-1)).toBe('t1 RETURN ret=0')
    expect(run.atRest).toBe(true)
  })
})

describe('switching memory on', () => {
  const on = { type: 'CALL', on: true }

  test.each(['keep', 'unmap'])('tells nobody: %s', (memory) => {
    const run = feed(setMemory, { ...one, zap: 'by-list', memory }, on, 'LOCKED', answer(), 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.memory_lock DOWN_WRITE',
      'hardware SET_MEMORY device=dev2 on=true',
      'dev2.memory_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('gives permissions back under memory_lock', () => {
    const input = { ...one, zap: 'by-inode', memory: 'revoke' }
    const run = feed(setMemory, input, on, 'LOCKED', answer(), returned(), 'UNLOCKED')
    expect(run.said.slice(1, 4)).toEqual([
      'hardware SET_MEMORY device=dev2 on=true',
      told(true),
      'dev2.memory_lock UP_WRITE',
    ])
    expect(run.atRest).toBe(true)
  })

  test('gives permissions back when no lock is held', () => {
    const input = { ...one, zap: 'by-list', memory: 'revoke', tellsMemory: 'before-it' }
    const run = feed(setMemory, input, on, 'LOCKED', answer(), 'UNLOCKED', returned())
    expect(run.said.slice(2)).toEqual(['dev2.memory_lock UP_WRITE', told(true), 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('a reset of one device', () => {
  test('zaps, resets, and writes back that memory was on', () => {
    const input = { ...one, zap: 'by-list', memory: 'keep' }
    const locks = [returned(), 'LOCKED', 'UNLOCKED']
    const run = feed(deviceReset, input, 'CALL', ...locks, answer({ on: ['dev2'] }), answer(), 'UNLOCKED')
    expect(run.said).toEqual([
      't1/dev2.zap CALL try=false',
      'dev2.memory_lock DOWN_WRITE',
      'dev2.vma_lock UNLOCK',
      'hardware RESET devices=[dev2]',
      'hardware RESTORE devices=[dev2]',
      'dev2.memory_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('leaves memory off that was off, and gives no permissions back', () => {
    const input = { ...one, zap: 'by-inode', memory: 'revoke' }
    const run = feed(
      ...[deviceReset, input, 'CALL', 'LOCKED'],
      ...([returned(), returned(), answer({ on: [] }), 'UNLOCKED'] as const),
    )
    expect(run.said.slice(2)).toEqual([
      told(false),
      'hardware RESET devices=[dev2]',
      'dev2.memory_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('is told under the lock, before and after', () => {
    const input = { ...one, zap: 'by-inode', memory: 'revoke' }
    const inside = [returned(), returned(), answer({ on: ['dev2'] }), answer(), returned(), 'UNLOCKED']
    const run = feed(deviceReset, input, 'CALL', 'LOCKED', ...inside)
    expect(run.said.slice(2, 6)).toEqual([
      told(false),
      'hardware RESET devices=[dev2]',
      'hardware RESTORE devices=[dev2]',
      told(true),
    ])
    expect(run.atRest).toBe(true)
  })

  test('is told outside of the lock, before and after', () => {
    const input = { ...one, zap: 'never', memory: 'revoke', tellsMemory: 'before-it' }
    const run = feed(
      ...([deviceReset, input, 'CALL', returned(), 'LOCKED'] as const),
      ...([answer({ on: ['dev2'] }), answer(), 'UNLOCKED', returned()] as const),
    )
    expect(run.said[0]).toBe(told(false))
    expect(run.said.slice(-3)).toEqual(['dev2.memory_lock UP_WRITE', told(true), 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('a hot reset', () => {
  const of = (device: string) => ({
    zap: `t1/${device}.zap`,
    vmaLock: `${device}.vma_lock`,
    memoryLock: `${device}.memory_lock`,
  })
  const set = {
    task: 't1',
    at: {
      devSet: 'dev_set.lock',
      devices: { dev1: of('dev1'), dev2: of('dev2') },
      protocol: 't1/protocol',
      hardware: 'hardware',
    },
    ...{ zap: 'by-list', memory: 'keep', tellsMemory: 'under-memory-lock' },
  }
  const call = { type: 'CALL', devices: ['dev1', 'dev2'] }
  const locks = ['LOCKED', returned(), returned(), 'LOCKED', 'UNLOCKED', 'LOCKED', 'UNLOCKED']
  const wasOn = answer({ on: ['dev2'] })

  test('zaps all, takes every memory_lock, and resets the bus once', () => {
    const run = feed(hotResetSet, set, call, ...locks, wasOn, answer(), 'UNLOCKED', 'UNLOCKED', 'UNLOCKED')
    expect(run.said).toEqual([
      'dev_set.lock LOCK',
      't1/dev1.zap CALL try=true',
      't1/dev2.zap CALL try=true',
      'dev1.memory_lock TRY_WRITE',
      'dev1.vma_lock UNLOCK',
      'dev2.memory_lock TRY_WRITE',
      'dev2.vma_lock UNLOCK',
      'hardware RESET devices=[dev1, dev2]',
      'hardware RESTORE devices=[dev2]',
      'dev2.memory_lock UP_WRITE',
      'dev1.memory_lock UP_WRITE',
      'dev_set.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('gives the first vma_lock back when the second zap is busy', () => {
    const run = feed(hotResetSet, set, call, 'LOCKED', returned(), returned('-EBUSY'), 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(-3)).toEqual(['dev1.vma_lock UNLOCK', 'dev_set.lock UNLOCK', 't1 RETURN ret=-EBUSY'])
    expect(run.atRest).toBe(true)
  })

  test('gives back both kinds of locks when the second memory_lock is busy', () => {
    const some = ['LOCKED', returned(), returned(), 'LOCKED', 'UNLOCKED', 'BUSY']
    const run = feed(hotResetSet, set, call, ...some, 'UNLOCKED', 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(-4)).toEqual([
      'dev2.vma_lock UNLOCK',
      'dev1.memory_lock UP_WRITE',
      'dev_set.lock UNLOCK',
      't1 RETURN ret=-EBUSY',
    ])
    expect(run.atRest).toBe(true)
  })

  test('waits for its locks in the other form', () => {
    const run = feed(hotResetSet, { ...set, tries: false }, call, 'LOCKED', returned(), returned())
    expect(run.said).toEqual([
      'dev_set.lock LOCK',
      't1/dev1.zap CALL try=false',
      't1/dev2.zap CALL try=false',
      'dev1.memory_lock DOWN_WRITE',
    ])
  })

  test('by inode zaps each device as soon as its memory_lock is held', () => {
    const input = { ...set, zap: 'by-inode' }
    const run = feed(hotResetSet, input, call, 'LOCKED', 'LOCKED', returned(), 'BUSY', 'UNLOCKED', 'UNLOCKED')
    expect(run.said).toEqual([
      'dev_set.lock LOCK',
      'dev1.memory_lock TRY_WRITE',
      't1/dev1.zap CALL try=true',
      'dev2.memory_lock TRY_WRITE',
      'dev1.memory_lock UP_WRITE',
      'dev_set.lock UNLOCK',
      't1 RETURN ret=-EBUSY',
    ])
    expect(run.atRest).toBe(true)
  })

  describe('that tells under the locks', () => {
    const input = { ...set, zap: 'never', memory: 'revoke' }
    const toldFirst = (on: boolean) => `t1/protocol CALL do=MEMORY device=dev1 on=${on}`
    const isOn = (on: boolean) => answer({ on })

    test('tells of each device before it tries the next, and of what came back before it gives the lock back', () => {
      const locks = ['LOCKED', 'LOCKED', returned(), 'LOCKED', returned()]
      const back = [isOn(true), returned(), 'UNLOCKED', isOn(false), 'UNLOCKED', 'UNLOCKED']
      const run = feed(hotResetSet, input, call, ...locks, wasOn, answer(), ...back)
      expect(run.said).toEqual([
        'dev_set.lock LOCK',
        'dev1.memory_lock TRY_WRITE',
        toldFirst(false),
        'dev2.memory_lock TRY_WRITE',
        told(false),
        'hardware RESET devices=[dev1, dev2]',
        'hardware RESTORE devices=[dev2]',
        'hardware IS_ON device=dev2',
        told(true),
        'dev2.memory_lock UP_WRITE',
        'hardware IS_ON device=dev1',
        'dev1.memory_lock UP_WRITE',
        'dev_set.lock UNLOCK',
        't1 RETURN ret=0',
      ])
      expect(run.atRest).toBe(true)
    })

    test('has told of the first device when the second is busy, and says that it is still there', () => {
      const busy = ['LOCKED', 'LOCKED', returned(), 'BUSY', isOn(true), returned(), 'UNLOCKED', 'UNLOCKED']
      const run = feed(hotResetSet, input, call, ...busy)
      expect(run.said).toEqual([
        'dev_set.lock LOCK',
        'dev1.memory_lock TRY_WRITE',
        toldFirst(false),
        'dev2.memory_lock TRY_WRITE',
        'hardware IS_ON device=dev1',
        toldFirst(true),
        'dev1.memory_lock UP_WRITE',
        'dev_set.lock UNLOCK',
        't1 RETURN ret=-EBUSY',
      ])
      expect(run.atRest).toBe(true)
    })

    test('has nothing to take back where what was unmapped does not come back', () => {
      const unmaps = { ...input, memory: 'unmap' }
      const run = feed(hotResetSet, unmaps, call, 'LOCKED', 'LOCKED', returned(), 'BUSY', 'UNLOCKED', 'UNLOCKED')
      expect(run.said.slice(2)).toEqual([
        toldFirst(false),
        'dev2.memory_lock TRY_WRITE',
        'dev1.memory_lock UP_WRITE',
        'dev_set.lock UNLOCK',
        't1 RETURN ret=-EBUSY',
      ])
      expect(run.atRest).toBe(true)
    })

    test('tells by inode before it zaps', () => {
      const run = feed(hotResetSet, { ...input, zap: 'by-inode' }, call, 'LOCKED', 'LOCKED', returned(), returned())
      expect(run.said.slice(2)).toEqual([toldFirst(false), 't1/dev1.zap CALL try=true', 'dev2.memory_lock TRY_WRITE'])
    })

    test('tells by list when vma_lock is given back', () => {
      const zapped = ['LOCKED', returned(), returned(), 'LOCKED', 'UNLOCKED', returned()]
      const run = feed(hotResetSet, { ...input, zap: 'by-list' }, call, ...zapped)
      expect(run.said.slice(3)).toEqual([
        'dev1.memory_lock TRY_WRITE',
        'dev1.vma_lock UNLOCK',
        toldFirst(false),
        'dev2.memory_lock TRY_WRITE',
      ])
    })
  })

  test('told outside the locks, takes back what it said when it has to give up', () => {
    const input = { ...set, zap: 'never', memory: 'revoke', tellsMemory: 'before-it' }
    const busy = [returned(), returned(), 'LOCKED', 'BUSY', 'UNLOCKED']
    const run = feed(hotResetSet, input, call, ...busy, answer({ on: false }), answer({ on: true }), returned())
    expect(run.said).toEqual([
      't1/protocol CALL do=MEMORY device=dev1 on=false',
      told(false),
      'dev_set.lock LOCK',
      'dev1.memory_lock TRY_WRITE',
      'dev_set.lock UNLOCK',
      'hardware IS_ON device=dev1',
      'hardware IS_ON device=dev2',
      told(true),
      't1 RETURN ret=-EBUSY',
    ])
    expect(run.atRest).toBe(true)
  })
})
