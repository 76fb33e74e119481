/** Threads that exit alone, processes that exec, and whose pages a kernel counts by then: what each kernel makes of it. */
import { describe, expect, test } from 'vitest'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { accountLater } from '../../machines/type1/pin/account-later.ts'
import { pinRun } from '../../machines/type1/pin/pin-run.ts'
import { kworker } from '../../machines/kernel/work/kworker.ts'
import { workqueue } from '../../machines/kernel/work/workqueue.ts'
import type { ProfileName } from '../../machines/profile.ts'
import { feed } from '../machines/feed.ts'

/** `mmap as=b0 len=8192`; numbers are what they look like. */
const op = (line: string): Op => {
  const [name, ...fields] = line.split(' ')
  const valueOf = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)
  return {
    op: name!,
    ...Object.fromEntries(fields.map((field) => [field.split('=')[0], valueOf(field.split('=')[1]!)])),
  }
}

/** `0`, `EFAULT`; the size of an unmap; what is locked when that is news. */
const told = ({ ret, err, size, vmlck_kb: locked }: Result): string =>
  [
    err ?? `${ret}`,
    err === undefined && typeof size === 'string' ? size : '',
    typeof locked === 'number' ? `${locked}kB` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')

const replay = (profile: ProfileName, ...lines: readonly string[]): readonly string[] =>
  replayCase({ name: 'threads', ops: lines.map(op) }, profile).results.map(told)

/** The results of what comes after the beginning that all cases share. */
const after =
  (...beginning: readonly string[]) =>
  (profile: ProfileName, ...lines: readonly string[]): readonly string[] =>
    replay(profile, ...beginning, ...lines).slice(beginning.length)

const container = (dev: string) => [
  'open_container as=c0',
  `open_group as=g0 dev=${dev}`,
  'group_set_container fd=g0 container=c0',
  'set_iommu fd=c0 type=3',
]
const memory = ['mmap as=b0 len=8192', 'fill vaddr=b0 len=8192 val=1']
const map = 'map_dma fd=c0 iova=4096 size=4096 vaddr=b0 flags=3'
const unmap = 'unmap_dma fd=c0 iova=4096 size=4096'
const pin = 'emu_pin fd=d0 iova=4096 npage=1 prot=3'
const withEdu = after(...container('edu0'), ...memory)
const withEmu = after(...container('emu0'), 'get_device_fd fd=g0 dev=emu0 as=d0', ...memory)

describe('a thread that exits alone', () => {
  test('is gone; the others, their memory and their descriptors are not', () => {
    expect(
      withEdu('6.1', 'thread as=t1', 'exit_thread proc=t1', 'peek vaddr=b0 proc=t1', 'peek vaddr=b0', map),
    ).toEqual(['0', '0', 'NOPROC', '0', '0 4kB'])
  })

  test('the last one takes the process with it', () => {
    expect(
      replay(
        '6.1',
        ...['fork as=p1', 'thread as=t1 proc=p1', 'open_group as=g0 dev=edu0 proc=p1', 'exit_thread proc=p1'],
        ...['open_group as=g1 dev=edu0', 'exit_thread proc=t1', 'open_group as=g1 dev=edu0'],
      ).slice(2),
    ).toEqual(['0', '0', 'EBUSY', '0', '0'])
  })

  const mapsAndExits = ['thread as=t1', `${map} proc=t1`, 'exit_thread proc=t1']

  test.each([
    ['4.10', '0 0x0'],
    ['5.10', '0 0x1000 0kB'],
    ['6.1', '0 0x1000 0kB'],
  ] as const)('%s: an unmap of what it mapped', (profile, expected) => {
    expect(withEdu(profile, ...mapsAndExits, 'vmlck', unmap).at(-1)).toBe(expected)
  })

  test.each([
    ['4.10', 'ENODEV'],
    ['5.10', '1 4kB'],
    ['6.1', '1 4kB'],
  ] as const)('%s: a pin through a mapping of its', (profile, expected) => {
    expect(withEmu(profile, ...mapsAndExits, 'vmlck', pin).at(-1)).toBe(expected)
  })

  test('4.10: what it mapped stays counted when the group goes', () => {
    expect(withEdu('4.10', ...mapsAndExits, 'group_unset_container fd=g0', 'vmlck').at(-1)).toBe('0 4kB')
    expect(withEdu('4.10', map, 'group_unset_container fd=g0', 'vmlck').at(-1)).toBe('0 0kB')
  })
})

describe('exec', () => {
  test('memory is gone, descriptors are not, nor is the process; its other threads are', () => {
    expect(
      withEdu('6.1', 'mlock vaddr=b0 len=4096', 'thread as=t1', 'exec', 'nop proc=t1', 'peek vaddr=b0', 'vmlck'),
    ).toEqual(['0 4kB', '0', '0 0kB', 'NOPROC', 'SIGSEGV', '0 0kB'])
    expect(withEdu('6.1', 'exec', 'check_extension fd=c0 ext=3', ...memory, map)).toEqual(['0', '1', '0', '0', '0 4kB'])
  })

  test('what was mapped of a device’s memory no longer keeps the device open', () => {
    const device = ['get_device_fd fd=g0 dev=edu0 as=d0', 'mmap_bar as=m0 fd=d0 bar=0 off=0 len=4096', 'close fd=d0']
    expect(
      withEdu('6.1', ...device, 'group_unset_container fd=g0', 'exec', 'group_unset_container fd=g0').slice(3),
    ).toEqual(['EBUSY', '0', '0'])
  })

  test('5.15: what was mapped before is given back by the memory that came after', () => {
    const { results, findings } = replayCase(
      { name: 'exec', ops: [...container('edu0'), ...memory, map, 'exec', unmap].map(op) },
      '5.15',
    )
    expect(told(results.at(-1)!)).toBe('0 0x1000 -4kB')
    expect(findings.map(({ title }) => title)).toEqual([
      'WARNING in __account_locked_vm: more is given back than was locked',
    ])
  })

  test('6.1: it is not, and what is mapped afterwards counts as ever', () => {
    expect(withEdu('6.1', map, 'exec', unmap, ...memory, map, unmap)).toEqual([
      ...['0 4kB', '0 0kB', '0 0x1000', '0', '0', '0 4kB', '0 0x1000 0kB'],
    ])
  })

  test('6.1: with its new address a mapping comes to the new memory, and is charged there', () => {
    const update = [
      `${unmap} flags=4`,
      'exec',
      'mmap as=b1 len=4096',
      'map_dma fd=c0 iova=4096 size=4096 vaddr=b1 flags=4',
    ]
    expect(withEdu('6.1', map, ...update, unmap)).toEqual(['0 4kB', '0 0x1000', '0 0kB', '0', '0 4kB', '0 0x1000 0kB'])
    const again = [`${unmap} flags=4`, 'map_dma fd=c0 iova=4096 size=4096 vaddr=b1 flags=4']
    expect(withEdu('6.1', map, ...update, ...again, unmap).slice(-3)).toEqual(['0 0x1000', '0', '0 0x1000 0kB'])
  })

  test.each([
    ['5.15', 'EFAULT'],
    ['6.1', 'ENODEV'],
  ] as const)('%s: a pin through a mapping of the memory before', (profile, expected) => {
    expect(withEmu(profile, map, 'exec', pin).at(-1)).toBe(expected)
  })

  test('a child is not concerned, whoever of the two it was', () => {
    expect(withEdu('6.1', map, 'fork as=p1', 'exec proc=p1', unmap)).toEqual(['0 4kB', '0', '0', '0 0x1000 0kB'])
    expect(
      withEdu('6.1', map, 'exec', 'fork as=p1', ...memory.map((line) => `${line} proc=p1`), `${map} proc=p1`).at(-1),
    ).toBe('EEXIST')
  })
})

describe('up to 4.11 locked pages are counted without waiting', () => {
  const at = { workqueue: 'workqueue', later: 'kworker.give_back' }
  const charge = { mm: 'p0', pages: -2 }
  const account = (charges: readonly object[], ...answers: readonly (string | { type: string })[]) =>
    feed(accountLater, { task: 't1', at }, { type: 'CALL', charges }, ...answers)

  test('at once where mmap_sem is free', () => {
    const { said, atRest } = account([charge], 'LOCKED', 'ACCOUNTED', 'UNLOCKED')
    expect(said).toEqual([
      'p0.mm.mmap_lock TRY_WRITE',
      'p0.mm ACCOUNT pages=2 limit=null',
      'p0.mm.mmap_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(atRest).toBe(true)
  })

  test('by a kworker where it is not', () => {
    const { said, atRest } = account([charge], 'BUSY', 'QUEUED')
    expect(said.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'p0.mm.mmap_lock TRY_WRITE',
      'workqueue QUEUE',
      't1 RETURN',
    ])
    expect(atRest).toBe(true)
  })

  test('not at all where the thread has exited', () => {
    const gone = { type: 'THREAD', there: false }
    expect(account([{ ...charge, thread: 't2' }], gone).said).toEqual([
      'p0.process HAS_THREAD thread=t2',
      't1 RETURN ret=0',
    ])
  })

  test('a worker does what is queued, in order, and waits for more', () => {
    const first = { call: 'kworker.give_back', args: { charges: [1] } }
    const second = { call: 'kworker.give_back', args: { charges: [2] } }
    const queued = [first, second].map((work) => ({ type: 'QUEUE', work }))
    const { said, snapshot } = feed(workqueue, undefined, ...queued, 'TAKE', 'DONE', 'TAKE', 'DONE')
    expect(said.filter((line) => line.includes('WORK'))).toHaveLength(2)
    expect(snapshot.value).toBe('empty')
    const worker = feed(
      kworker,
      { task: 'kworker', queue: 'q' },
      'START',
      { type: 'WORK', work: first },
      'RETURN',
      'ANSWER',
    )
    expect(worker.said).toEqual(['q TAKE', 'kworker.give_back CALL charges=[1]', 'q DONE', 'q TAKE'])
    expect(worker.snapshot.hasTag('at rest')).toBe(true)
  })

  test('a driver’s pin looks at the limit itself', () => {
    const run = { index: 0, vaddr: 0n, pages: 1, mm: 'p0', write: true, lockCap: false }
    const got = { type: 'PINNED', ret: 0, extents: [{ in: 'p0.mm', n: 0, pages: 1 }], locked: 1 }
    const pinned = (memlock: number) =>
      feed(
        pinRun,
        { task: 't1', accountLater: 'later' },
        ...[
          { type: 'CALL', run, counted: true },
          { type: 'LIMITS', memlock, alive: true },
        ],
        ...['LOCKED', got, 'UNLOCKED', { type: 'RETURN', ret: 0 }],
      ).said.slice(3)
    expect(pinned(1)).toEqual(['p0.mm.mmap_lock UP_READ', 't1 RETURN ret=-ENOMEM done=0 charged=0 free=[]'])
    expect(pinned(2)).toEqual([
      'p0.mm.mmap_lock UP_READ',
      'later CALL charges=[[object Object]]',
      't1 RETURN ret=0 done=1 charged=1 free=[]',
    ])
  })

  test('nobody else around, it comes to the same', () => {
    const limited = ['rlimit_memlock val=4096', 'drop_ipc_lock', map, map.replace('4096', '8192'), unmap]
    expect(withEdu('4.10', ...limited)).toEqual(['0', '0', '0 4kB', 'ENOMEM', '0 0x1000 0kB'])
    expect(withEmu('4.10', map, pin, unmap)).toEqual(['0', '1 4kB', '0 0x1000 0kB'])
  })
})
