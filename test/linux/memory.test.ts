/** Processes, memory and open files, without any device: what calls return, and what the address space makes of them. */
import { describe, expect, test } from 'vitest'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { files } from '../../machines/user/files.ts'
import { slice, type Extent } from '../../machines/mm/extent.ts'
import { mm } from '../../machines/mm/mm.ts'
import { ram } from '../../machines/mm/ram.ts'
import { drive, last, type Driven } from '../machines/drive.ts'

/** `mmap as=b0 len=8192`; numbers are what they look like. */
const op = (line: string): Op => {
  const [name, ...fields] = line.split(' ')
  const valueOf = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)
  return {
    op: name!,
    ...Object.fromEntries(fields.map((field) => [field.split('=')[0], valueOf(field.split('=')[1]!)])),
  }
}

/** What each operation came to: `0`, `EFAULT`, `0 0x42`, and what is locked when that is news. */
const told = (result: Result): string => {
  const { ret, err, val, vmlck_kb: locked } = result as { ret: number; err?: string; val?: string; vmlck_kb?: number }
  return [err ?? `${ret}`, val ?? '', locked === undefined ? '' : `${locked}kB`].filter((part) => part !== '').join(' ')
}

const replay = (...lines: readonly string[]): readonly string[] =>
  replayCase({ name: 'memory', ops: lines.map(op) }, '6.1').results.map(told)

/** The result of the last operation. */
const after = (...lines: readonly string[]): string => replay(...lines).at(-1)!

describe('memory', () => {
  test('what was written is read again, and nothing else was written', () => {
    expect(
      replay('mmap as=b0 len=8192', 'poke vaddr=b0+0xffe val=0x11223344', 'peek vaddr=b0+0x1000', 'peek vaddr=b0'),
    ).toEqual(['0', '0', '0 0x1122', '0 0x0'])
  })

  test.each([
    ['nothing is mapped', 'peek vaddr=b0+0x2000', 'SIGSEGV'],
    ['memory that may only be read is written', 'poke vaddr=b1 val=1', 'SIGSEGV'],
    ['memory that may not be touched is read', 'peek vaddr=b2', 'SIGSEGV'],
    ['the file ends before the mapping', 'peek vaddr=b3+0x1000', 'SIGBUS'],
    ['the file ends inside the page', 'peek vaddr=b3+0xffc', '0 0x0'],
  ])('%s', (_, access, expected) => {
    const buffers = [
      'mmap as=b0 len=8192',
      'mmap as=b1 len=4096 prot=r',
      'mmap as=b2 len=4096 prot=n',
      'mmap as=b3 len=8192 kind=memfd flen=100',
    ]
    expect(after(...buffers, access)).toBe(expected)
  })

  test('a fill that runs out of its mapping has filled what there was', () => {
    expect(replay('mmap as=b0 len=4096', 'fill vaddr=b0+0xff0 len=32 val=7', 'peek vaddr=b0+0xffc').slice(1)).toEqual([
      'SIGSEGV',
      '0 0x7070707',
    ])
  })

  test('a store that reaches out of its mapping stores nothing', () => {
    expect(replay('mmap as=b0 len=4096', 'poke vaddr=b0+0xffe val=0x11223344', 'peek vaddr=b0+0xffc').slice(1)).toEqual(
      ['SIGSEGV', '0 0x0'],
    )
  })

  test('a hole is reported after the rest was advised, but before the rest was protected', () => {
    const holed = ['mmap as=b0 len=12288', 'fill vaddr=b0 len=12288 val=1', 'munmap vaddr=b0+0x1000 len=4096']
    expect(replay(...holed, 'madvise vaddr=b0 len=12288 advice=4', 'peek vaddr=b0+0x2000').slice(3)).toEqual([
      'ENOMEM',
      '0 0x0',
    ])
    const protect = 'mprotect vaddr=b0 len=12288 prot=n'
    expect(replay(...holed, protect, 'peek vaddr=b0', 'peek vaddr=b0+0x2000').slice(3)).toEqual([
      'ENOMEM',
      'SIGSEGV',
      '0 0x1010101',
    ])
  })

  test('MADV_DONTNEED forgets private memory, uncovers the file under a private mapping, and leaves shared memory alone', () => {
    const forgotten = (kind: string): string =>
      after(
        `mmap as=b0 len=4096 kind=${kind}`,
        'poke vaddr=b0 val=5',
        'madvise vaddr=b0 len=4096 advice=4',
        'peek vaddr=b0',
      )
    expect(['anon', 'memfd_private', 'shared', 'memfd'].map(forgotten)).toEqual(['0 0x0', '0 0x0', '0 0x5', '0 0x5'])
  })

  test('what is mapped over is gone', () => {
    expect(
      after(
        'mmap as=b0 len=12288',
        'fill vaddr=b0 len=12288 val=1',
        'mmap len=4096 at=b0+0x1000',
        'peek vaddr=b0+0x1000',
      ),
    ).toBe('0 0x0')
  })

  test('memory that is moved keeps its pages, and what lay where it goes is gone', () => {
    const two = ['mmap as=b0 len=8192', 'poke vaddr=b0+0x1000 val=5', 'mmap as=b1 len=8192', 'poke vaddr=b1 val=7']
    const moved = 'mremap vaddr=b0 old=8192 len=8192 flags=3 at=b1 as=b2'
    expect(replay(...two, moved, 'peek vaddr=b2+0x1000', 'peek vaddr=b1', 'peek vaddr=b0').slice(4)).toEqual([
      ...['0', '0 0x5', '0 0x0', 'SIGSEGV'],
    ])
  })

  test('memory grows where it is if there is room, elsewhere if it may, and not at all otherwise', () => {
    const grown = 'mremap vaddr=b0 old=4096 len=8192 flags='
    const written = ['mmap as=b0 len=4096', 'poke vaddr=b0 val=5']
    const peeks = ['peek vaddr=b1', 'peek vaddr=b1+0x1000', 'peek vaddr=b0']
    expect(replay(...written, `${grown}0 as=b1`, ...peeks).slice(2)).toEqual(['0', '0 0x5', '0 0x0', '0 0x5'])
    const full = [...written, 'mmap len=4096 at=b0+0x1000']
    expect(replay(...full, `${grown}0`, 'peek vaddr=b0').slice(3)).toEqual(['ENOMEM', '0 0x5'])
    expect(replay(...full, `${grown}1 as=b1`, ...peeks).slice(3)).toEqual(['0', '0 0x5', '0 0x0', 'SIGSEGV'])
    const seen = replayCase({ name: 'moved', ops: [...full, `${grown}1`].map(op) }, '6.1').results.at(-1)
    expect(seen).toEqual({ ret: 0, moved: true })
  })

  test('a mapping that is left behind is empty, and a second one of a shared file is the same file', () => {
    const written = (kind: string) => [`mmap as=b0 len=4096 kind=${kind}`, 'poke vaddr=b0 val=5']
    const peeks = ['peek vaddr=b1', 'peek vaddr=b0']
    const left = 'mremap vaddr=b0 old=4096 len=4096 flags=5 as=b1'
    expect(replay(...written('anon'), left, ...peeks).slice(2)).toEqual(['0', '0 0x5', '0 0x0'])
    const second = 'mremap vaddr=b0 old=0 len=4096 as=b1'
    expect(replay(...written('shared'), second, ...peeks).slice(2)).toEqual(['0', '0 0x5', '0 0x5'])
    expect(after(...written('anon'), second)).toBe('EINVAL')
  })

  test.each([
    ['flags that nobody knows', 'vaddr=b0 old=4096 len=8192 flags=8', 'EINVAL'],
    ['a place, and it may not move', 'vaddr=b0 old=4096 len=4096 flags=2 at=b1', 'EINVAL'],
    ['left behind, and another length', 'vaddr=b0 old=4096 len=8192 flags=5', 'EINVAL'],
    ['within a page', 'vaddr=b0+0x10 old=4096 len=8192', 'EINVAL'],
    ['nothing is left', 'vaddr=b0 old=4096 len=0', 'EINVAL'],
    ['nothing is there', 'vaddr=b1+0x4000 old=4096 len=8192', 'EFAULT'],
    ['over its end', 'vaddr=b0 old=12288 len=16384', 'EFAULT'],
    ['onto itself', 'vaddr=b0 old=8192 len=8192 flags=3 at=b0+0x1000', 'EINVAL'],
    ['to a place within a page', 'vaddr=b0 old=4096 len=4096 flags=3 at=b1+0x10', 'EINVAL'],
    ['behind the last address', 'vaddr=b0 old=4096 len=4096 flags=3 at=0x7ffffffff000', 'EINVAL'],
    ['shorter', 'vaddr=b0 old=8192 len=4096 flags=0', '0'],
  ])('mremap: %s', (_, fields, expected) => {
    expect(after('mmap as=b0 len=8192', 'mmap as=b1 len=8192', `mremap ${fields}`)).toBe(expected)
  })

  test('what is locked grows as far as the limit goes, and brings its pages in', () => {
    const locked = ['mmap as=b0 len=8192', 'mlock vaddr=b0 len=8192', 'drop_ipc_lock']
    const grown = 'mremap vaddr=b0 old=8192 len=16384'
    expect(replay(...locked, 'rlimit_memlock val=12288', grown, 'vmlck').slice(3)).toEqual(['0', 'EAGAIN', '0 8kB'])
    expect(replay(...locked, 'rlimit_memlock val=16384', grown).slice(3)).toEqual(['0', '0 16kB'])
    expect(after(...locked, 'mremap vaddr=b0 old=8192 len=8192 flags=3 at=b0+0x10000', 'vmlck')).toBe('0 8kB')
  })

  test('a huge page is moved and cut whole, and does not grow', () => {
    const huge = ['mmap as=b0 len=4194304 kind=hugetlb', 'mmap as=b1 len=4194304']
    expect(after(...huge, 'mremap vaddr=b0 old=2097152 len=4194304')).toBe('EINVAL')
    expect(after(...huge, 'mremap vaddr=b0 old=4096 len=4096 flags=3 at=b1', 'peek vaddr=b0')).toBe('SIGSEGV')
  })

  test('a huge page is not cut', () => {
    const huge = 'mmap as=b0 len=2097152 kind=hugetlb'
    expect(after(huge, 'munmap vaddr=b0 len=4096')).toBe('EINVAL')
    expect(after(huge, 'mprotect vaddr=b0+0x1000 len=4096 prot=r')).toBe('EINVAL')
    expect(after(huge, 'munmap vaddr=b0 len=2097152')).toBe('0')
  })
})

describe('mlock', () => {
  test('counts a page once, and gives it back with its mapping', () => {
    expect(
      replay(
        'mmap as=b0 len=16384',
        'mlock vaddr=b0 len=8192',
        'mlock vaddr=b0+0x1000 len=8192',
        'munmap vaddr=b0+0x1000 len=4096',
        'mmap len=4096 at=b0',
      ),
    ).toEqual(['0', '0 8kB', '0 12kB', '0 8kB', '0 4kB'])
  })

  test('stays within RLIMIT_MEMLOCK once CAP_IPC_LOCK is gone; what is locked already does not count again', () => {
    const limited = ['mmap as=b0 len=16384', 'drop_ipc_lock', 'rlimit_memlock val=8191']
    expect(after(...limited, 'mlock vaddr=b0 len=8192')).toBe('ENOMEM')
    expect(after(...limited, 'mlock vaddr=b0 len=4096', 'mlock vaddr=b0 len=4096')).toBe('0')
    expect(after(...limited, 'rlimit_memlock val=0', 'mlock vaddr=b0 len=4096')).toBe('EPERM')
    expect(after(...limited, 'rlimit_memlock val=1', 'mlock vaddr=b0 len=4096')).toBe('ENOMEM')
    expect(after('mmap as=b0 len=16384', 'rlimit_memlock val=0', 'mlock vaddr=b0 len=8192')).toBe('0 8kB')
  })

  test('locks up to the hole that it fails at', () => {
    expect(after('mmap as=b0 len=8192', 'mlock vaddr=b0+0x1000 len=8192')).toBe('ENOMEM 4kB')
  })

  test('a child has nothing locked', () => {
    expect(after('mmap as=b0 len=4096', 'mlock vaddr=b0 len=4096', 'fork as=p1', 'vmlck proc=p1')).toBe('0 0kB')
  })
})

describe('processes', () => {
  test('a child has the private memory as it was, shares the shared, and does not have what it was not to have', () => {
    const forked = [
      'mmap as=b0 len=4096',
      'mmap as=b1 len=4096 kind=shared',
      'mmap as=b2 len=4096',
      'mmap as=b3 len=4096',
      'fill vaddr=b0 len=4096 val=1',
      'fill vaddr=b3 len=4096 val=1',
      'madvise vaddr=b2 len=4096 advice=10',
      'madvise vaddr=b3 len=4096 advice=18',
      'fork as=p1',
      'poke vaddr=b0 val=2',
      'poke vaddr=b1 val=2',
    ]
    const seen = ['b0', 'b1', 'b2', 'b3'].map((buffer) => after(...forked, `peek vaddr=${buffer} proc=p1`))
    expect(seen).toEqual(['0 0x1010101', '0 0x2', 'SIGSEGV', '0 0x0'])
  })

  test('threads share memory and limits; capabilities are their own', () => {
    const shared = ['mmap as=b0 len=8192', 'thread as=t1', 'rlimit_memlock val=0', 'drop_ipc_lock proc=t1']
    expect(after(...shared, 'poke vaddr=b0 val=3', 'peek vaddr=b0 proc=t1')).toBe('0 0x3')
    expect(after(...shared, 'mlock vaddr=b0 len=4096 proc=t1')).toBe('EPERM')
    expect(after(...shared, 'mlock vaddr=b0 len=4096')).toBe('0 4kB')
  })

  test('a limit is raised only by who may', () => {
    expect(replay('drop_all_caps', 'rlimit_memlock val=4096', 'rlimit_memlock val=8192')).toEqual(['0', '0', 'EPERM'])
  })

  test('when descriptors run out there is EMFILE, until one is closed', () => {
    const one = ['eventfd as=e0', 'rlimit_nofile val=5']
    expect(replay(...one, 'eventfd as=e1', 'dup fd=e0 as=e2', 'close fd=e0', 'eventfd as=e3').slice(2)).toEqual([
      'EMFILE',
      'EMFILE',
      '0',
      '0',
    ])
  })

  test('a name that was closed, or never made, is a bad descriptor', () => {
    expect(
      replay('eventfd as=e0', 'dup fd=e0 as=e1', 'close fd=e0', 'eventfd_read fd=e0', 'eventfd_read fd=e1'),
    ).toEqual(['0', '0', '0', 'EBADF', 'EAGAIN'])
    expect(after('close fd=nosuch')).toBe('EBADF')
  })
})

describe('pinned pages', () => {
  const page = 4096n
  const spaceOn = (readPinsCopy: boolean, ...mappings: readonly object[]): Driven => {
    const driven = drive(mm, { id: 'p0.mm', readPinsCopy })
    for (const mapping of mappings) driven.hear({ type: 'MMAP', prot: 'rw', kind: 'anon', inode: 'inode0', ...mapping })
    return driven
  }
  const space = (...mappings: readonly object[]): Driven => spaceOn(false, ...mappings)
  const pin = (driven: Driven, at: bigint, pages: number, write: boolean): { extents: Extent[]; ret: unknown } => {
    const { extents, ret } = last(driven.hear({ type: 'PIN', vaddr: at * page, pages, write })) as never
    return { extents, ret }
  }
  const at = 256n

  test('to read, from 6.2 on: private memory becomes the own of whoever pins it', () => {
    const driven = spaceOn(true, { addr: at * page, len: 4n * page })
    expect(pin(driven, at, 4, false)).toEqual({ extents: [{ in: 'p0.mm', n: 0, pages: 4 }], ret: 0 })
  })

  test('to read, private memory that was never written is the page of zeros; to write, it gets pages of its own, side by side', () => {
    const driven = space({ addr: at * page, len: 4n * page })
    expect(pin(driven, at, 4, false)).toEqual({ extents: [{ in: 'zero', n: 0, pages: 4 }], ret: 0 })
    expect(pin(driven, at + 1n, 2, true)).toEqual({ extents: [{ in: 'p0.mm', n: 0, pages: 2 }], ret: 0 })
    expect(pin(driven, at, 4, false).extents).toEqual([
      { in: 'zero', n: 0, pages: 1 },
      { in: 'p0.mm', n: 0, pages: 2 },
      { in: 'zero', n: 0, pages: 1 },
    ])
  })

  test('shared memory is its file, private memory of a file is the file until it is written', () => {
    const driven = space({ addr: at * page, len: 2n * page, kind: 'shared', inode: 'inode7' })
    expect(pin(driven, at + 1n, 1, true).extents).toEqual([{ in: 'inode7', n: 1, pages: 1 }])
    const ofFile = space({ addr: at * page, len: 2n * page, kind: 'memfd_private', inode: 'inode8' })
    expect(pin(ofFile, at, 2, false).extents).toEqual([{ in: 'inode8', n: 0, pages: 2 }])
    expect(pin(ofFile, at + 1n, 1, true).extents).toEqual([{ in: 'p0.mm', n: 0, pages: 1 }])
  })

  test('pins end at a hole, at the end of the file, and where the mapping forbids it', () => {
    const holed = space({ addr: at * page, len: page }, { addr: (at + 2n) * page, len: page })
    expect(pin(holed, at, 3, true)).toEqual({ extents: [{ in: 'p0.mm', n: 0, pages: 1 }], ret: '-EFAULT' })
    const short = space({ addr: at * page, len: 3n * page, kind: 'memfd', flen: page + 1n })
    expect(pin(short, at, 3, true)).toEqual({ extents: [{ in: 'inode0', n: 0, pages: 2 }], ret: '-EFAULT' })
    const readOnly = space({ addr: at * page, len: page, prot: 'r' })
    expect(pin(readOnly, at, 1, true)).toEqual({ extents: [], ret: '-EFAULT' })
    expect(pin(readOnly, at, 1, false).ret).toBe(0)
    expect(pin(space({ addr: at * page, len: page, prot: 'w' }), at, 1, false).ret).toBe('-EFAULT')
  })

  test('a page stays what it is when its address means another one', () => {
    const driven = space({ addr: at * page, len: page })
    const before = pin(driven, at, 1, true).extents
    driven.hear({ type: 'MADVISE', vaddr: at * page, len: page, advice: 4 })
    expect(pin(driven, at, 1, true).extents).not.toEqual(before)
  })

  test('nothing is accounted to a process that is gone', () => {
    const driven = space()
    expect(last(driven.hear({ type: 'ACCOUNT', pages: 2, limit: 2 }))).toMatchObject({ ret: 0 })
    expect(last(driven.hear({ type: 'ACCOUNT', pages: 1, limit: 2 }))).toMatchObject({ ret: '-ENOMEM' })
    driven.hear({ type: 'EXIT' })
    expect(last(driven.hear({ type: 'ACCOUNT', pages: -2, limit: null }))).toMatchObject({ ret: '-ESRCH' })
  })

  test('a device file is held from its first mapping to its last', () => {
    const driven = space({ addr: at * page, len: page })
    const held = (type: string, fields: object): unknown => {
      const { got, put } = last(driven.hear({ type, ...fields })) as never
      return { got, put }
    }
    const bar = { addr: at * page, len: 3n * page, prot: 'rw', file: 'file9', refused: null }
    const memory = { in: 'edu1.bar0', n: 1, pages: 256 }
    expect(held('MMAP_DEVICE', { ...bar, memory })).toEqual({ got: ['file9'], put: [] })
    expect(pin(driven, at + 1n, 1, true).extents).toEqual([{ in: 'edu1.bar0', n: 2, pages: 1 }])
    expect(held('MUNMAP', { vaddr: (at + 1n) * page, len: page })).toEqual({ got: [], put: [] })
    expect(held('MUNMAP', { vaddr: at * page, len: page })).toEqual({ got: [], put: [] })
    const lastPage = { ...bar, addr: (at + 2n) * page, len: page, memory }
    expect(held('MMAP_DEVICE', { ...lastPage, file: 'file10' })).toEqual({ got: ['file10'], put: ['file9'] })
    expect(held('MMAP_DEVICE', { ...lastPage, refused: '-EINVAL' })).toEqual({ got: [], put: ['file10'] })
  })

  test('part of what was pinned', () => {
    const extents = [
      { in: 'a', n: 4, pages: 3 },
      { in: 'zero', n: 0, pages: 2 },
    ]
    expect(slice(extents, 1, 3)).toEqual([
      { in: 'a', n: 5, pages: 2 },
      { in: 'zero', n: 0, pages: 1 },
    ])
  })
})

describe('open files', () => {
  const opened = (...fds: readonly string[]): Driven => {
    const table = drive(files, { table: 'p0', limit: 8 })
    for (const fd of fds) table.hear({ type: 'INSTALL', table: 'p0', fd, file: `file of ${fd}`, kind: 'group', of: fd })
    return table
  }
  const said = (table: Driven, type: string, fields: object = {}): Record<string, unknown> =>
    last(table.hear({ type, table: 'p0', ...fields })) as never

  test('a dying process lets go last of what it opened first', () => {
    const table = opened('c0', 'g0', 'd0')
    table.hear({ type: 'FORK', table: 'p0', to: 'p1' })
    table.hear({ type: 'CLOSE', table: 'p1', fd: 'g0' })
    expect(said(table, 'DROP')['released']).toEqual([{ file: 'file of g0', kind: 'group', of: 'g0' }])
    expect(said(table, 'DROP', { table: 'p1' })['released']).toMatchObject([{ of: 'd0' }, { of: 'c0' }])
  })

  test('a call holds its file only where threads share the table', () => {
    const table = opened('c0')
    expect(said(table, 'FDGET', { fd: 'c0' })).toMatchObject({ ret: 0, light: true })
    table.hear({ type: 'SHARE', table: 'p0' })
    expect(said(table, 'FDGET', { fd: 'c0' })).toMatchObject({ light: false })
    expect(said(table, 'CLOSE', { fd: 'c0' })).toMatchObject({ ret: 0, last: false })
    expect(said(table, 'FDPUT', { file: 'file of c0' })).toMatchObject({ last: true, kind: 'group', of: 'c0' })
    expect(said(table, 'FDGET', { fd: 'c0' })).toMatchObject({ ret: '-EBADF' })
  })

  test('a reserved descriptor counts, and is filled or given back', () => {
    const table = opened('c0', 'c1', 'c2')
    expect([1, 2, 3].map(() => said(table, 'RESERVE')['ret'])).toEqual([0, 0, '-EMFILE'])
    table.hear({ type: 'UNRESERVE', table: 'p0' })
    const file = { file: 'file9', kind: 'device', of: 'edu0' }
    expect(said(table, 'INSTALL', { fd: 'd0', ...file, reserved: true })['ret']).toBe(0)
    expect(said(table, 'DUP', { fd: 'd0', as: 'd1' })['ret']).toBe(0)
    expect(said(table, 'DUP', { fd: 'd0', as: 'd2' })['ret']).toBe('-EMFILE')
  })
})

test('bytes go on into the next page, and a copy takes only what is there', () => {
  const memory = drive(ram, undefined)
  memory.hear({ type: 'WRITE', page: { in: 'a', n: 1 }, offset: 4094, bytes: 'abcd' })
  memory.hear({ type: 'COPY', copies: [{ from: { in: 'a', n: 2, pages: 1 }, to: { in: 'b', n: 0 } }] })
  expect(last(memory.hear({ type: 'READ', page: { in: 'a', n: 1 }, offset: 4093, len: 6 }))).toMatchObject({
    bytes: '\0abcd\0',
  })
  expect(last(memory.hear({ type: 'READ', page: { in: 'b', n: 0 }, offset: 0, len: 3 }))).toMatchObject({
    bytes: 'cd\0',
  })
  expect(Object.keys(memory.context.memory.b)).toEqual(['0'])
})
