import { describe, expect, test } from 'vitest'
import { areas, type Vma } from '../../machines/mm/vma/areas.ts'
import { indexed, pfnOf, pgoffOf } from '../../machines/mm/vma/index-space.ts'
import { inode } from '../../machines/mm/vma/inode.ts'
import { ptes } from '../../machines/mm/vma/ptes.ts'
import { drive, last, tell, type Message } from './drive.ts'

const page = 0x1000n
const ptr = (n: number, gen = 1) => ({ id: `vmm.vma${n}`, gen })

/** Pages of BAR 0 of dev2, from its page 0 on. */
const bar0 = (start: bigint, pages: bigint): Message => ({
  type: 'INSERT',
  ...{ start, size: pages * page, device: 'dev2', bar: 0, pgoff: indexed(0, 0n), ops: 'driver', private: null },
})

const space = (...heard: readonly Message[]) => {
  const it = drive(areas, { process: 'vmm' })
  for (const each of heard) it.hear(each)
  return it
}

/** As `vmm.vma0#1 0x1000+2 @0`: where, how many pages, from which page of the file on. */
const told = (vmas: readonly Vma[]) =>
  vmas.map(
    ({ ptr: { id, gen }, start, size, pgoff }) => `${id}#${gen} 0x${start.toString(16)}+${size / page} @${pgoff}`,
  )
const asked = (it: ReturnType<typeof space>, message: Message) => last(it.hear(message)) as any

describe('areas of an address space', () => {
  test('a mapping is found at every one of its bytes, and nowhere else', () => {
    const it = space(bar0(0x2000n, 2n))
    const at = (vaddr: bigint) => asked(it, { type: 'FIND', vaddr }).vma?.ptr ?? null
    expect([0x1fffn, 0x2000n, 0x3fffn, 0x4000n].map(at)).toEqual([null, ptr(0), ptr(0), null])
  })

  test('where something is mapped nothing else is', () => {
    const it = space(bar0(0x2000n, 2n))
    expect(asked(it, bar0(0x3000n, 1n))).toMatchObject({ ret: '-EEXIST', vma: null })
    expect(asked(it, bar0(0x4000n, 1n))).toMatchObject({ ret: 0, vma: { ptr: ptr(1) } })
  })

  test('a whole mapping goes without a copy', () => {
    const it = space(bar0(0x2000n, 2n))
    const said = it.hear({ type: 'CUT', start: 0n, size: 0x10000n })
    expect(tell(said)[0]).toBe('vmm.vma0#1 freed')
    expect(last(said)).toMatchObject({ opened: [], kept: [], closed: [{ ptr: ptr(0) }] })
  })

  test.each([
    ['the end', 0x4000n, 1n, ['vmm.vma1#1 0x4000+1 @2'], ['vmm.vma0#1 0x2000+2 @0'], ['vmm.vma1#1 0x4000+1 @2']],
    ['the beginning', 0x2000n, 1n, ['vmm.vma1#1 0x2000+1 @0'], ['vmm.vma0#1 0x3000+2 @1'], ['vmm.vma1#1 0x2000+1 @0']],
    [
      'the middle',
      0x3000n,
      1n,
      ['vmm.vma1#1 0x4000+1 @2', 'vmm.vma2#1 0x3000+1 @1'],
      ['vmm.vma0#1 0x2000+1 @0'],
      ['vmm.vma2#1 0x3000+1 @1'],
    ],
  ])('where %s goes, a copy is made first, and it is what goes', (_, start, pages, opened, kept, closed) => {
    const answer = asked(space(bar0(0x2000n, 3n)), { type: 'CUT', start, size: pages * page })
    expect([answer.opened, answer.kept, answer.closed].map(told)).toEqual([opened, kept, closed])
  })

  test('a range takes what lies in it of several mappings', () => {
    const it = space(bar0(0x1000n, 2n), bar0(0x3000n, 1n), bar0(0x4000n, 2n))
    const { closed } = asked(it, { type: 'CUT', start: 0x2000n, size: 0x3000n })
    expect(told(closed)).toEqual(['vmm.vma3#1 0x2000+1 @1', 'vmm.vma1#1 0x3000+1 @0', 'vmm.vma4#1 0x4000+1 @0'])
    expect(told(it.context.vmas)).toEqual(['vmm.vma0#1 0x1000+1 @0', 'vmm.vma2#1 0x5000+1 @1'])
  })

  test('a mapping that is moved is another one', () => {
    const it = space(bar0(0x2000n, 2n))
    const { ret, opened, closed } = asked(it, { type: 'MOVE', start: 0x2000n, to: 0x8000n })
    expect([ret, told(opened), told(closed)]).toEqual([0, ['vmm.vma1#1 0x8000+2 @0'], ['vmm.vma0#1 0x2000+2 @0']])
  })

  test('nothing is moved from where nothing is, nor to where something is', () => {
    const it = space(bar0(0x2000n, 2n), bar0(0x8000n, 1n))
    expect(asked(it, { type: 'MOVE', start: 0x3000n, to: 0x10000n }).ret).toBe('-EFAULT')
    expect(asked(it, { type: 'MOVE', start: 0x2000n, to: 0x7000n }).ret).toBe('-EINVAL')
  })

  test('a copy keeps vm_ops and what VFIO put into it', () => {
    const data = { id: 'private0', gen: 1 }
    const parent = space(bar0(0x2000n, 2n), { type: 'SET', vma: ptr(0), ops: 'vfio', private: data })
    const { vmas } = asked(parent, { type: 'LIST' })
    const { opened } = asked(drive(areas, { process: 'child' }), { type: 'COPY', vmas })
    expect(opened).toMatchObject([{ ptr: { id: 'child.vma0' }, start: 0x2000n, ops: 'vfio', private: data }])
    expect(asked(parent, { type: 'CUT', start: 0x3000n, size: page }).opened).toMatchObject([
      { ops: 'vfio', private: data },
    ])
  })

  test('a pointer to a mapping that is gone is a use-after-free, whatever is mapped there now', () => {
    const it = space(bar0(0x2000n, 1n))
    const use: Message = { type: 'USE', vma: ptr(0), site: 'vfio_pci_zap_and_vma_lock' }
    expect(asked(it, use).vma.start).toBe(0x2000n)
    it.hear({ type: 'CUT', start: 0x2000n, size: page })
    it.hear(bar0(0x2000n, 1n))
    expect(tell(it.hear(use))).toEqual(['use-after-free in vfio_pci_zap_and_vma_lock'])
  })
})

describe('page table', () => {
  const table = (...heard: readonly Message[]) => {
    const it = drive(ptes, undefined)
    for (const each of heard) it.hear(each)
    return it
  }
  const mapped: Message = { type: 'SET', vaddr: 0x2000n, pfn: 0x100n, size: 2n * page }
  const at = (it: ReturnType<typeof table>, vaddr: bigint) => asked(it, { type: 'GET', vaddr }).pfn

  test('a mapping of several pages leads to pages that follow each other', () => {
    const it = table(mapped)
    expect([0x1fffn, 0x2000n, 0x3fffn, 0x4000n].map((vaddr) => at(it, vaddr))).toEqual([null, 0x100n, 0x101n, null])
  })

  test('what is cleared is gone, what is moved is elsewhere', () => {
    const it = table(mapped, { type: 'CLEAR', start: 0x2000n, size: page })
    expect([at(it, 0x2000n), at(it, 0x3000n)]).toEqual([null, 0x101n])
    it.hear({ type: 'MOVE', start: 0x2000n, to: 0x8000n, size: 2n * page })
    expect([at(it, 0x3000n), at(it, 0x9000n)]).toEqual([null, 0x101n])
  })

  test('who zaps a copy whose entries have not come along is warned by x86, and nobody else', () => {
    const zap = (start: bigint, copyOf?: bigint): Message => ({
      type: 'CLEAR',
      ...{ start, size: page },
      ...(copyOf !== undefined && { copyOf }),
    })
    const warned = (heard: readonly Message[], message: Message) =>
      tell(table(...heard).hear(message)).some((line) => line.includes('untrack_pfn'))
    expect(warned([mapped], zap(0x8000n, 0x2000n))).toBe(true)
    expect(warned([], zap(0x8000n, 0x2000n))).toBe(false)
    expect(warned([mapped], zap(0x8000n))).toBe(false)
    expect(warned([mapped, { ...mapped, vaddr: 0x8000n }], zap(0x8000n, 0x2000n))).toBe(false)
  })

  test('while an access is under way nothing is cleared', () => {
    const it = table(mapped, { type: 'WALK', vaddr: 0x2000n }, { type: 'WALK', vaddr: 0x3000n })
    expect(it.defers('CLEAR') && it.defers('MOVE')).toBe(true)
    it.hear({ type: 'WALKED' })
    expect(it.defers('CLEAR')).toBe(true)
    it.hear({ type: 'WALKED' })
    expect(it.defers('CLEAR')).toBe(false)
  })

  test('while it is being filled with a copy nothing is cleared, and then it is', () => {
    const read = asked(table(mapped), { type: 'READ', start: 0x3000n, size: 4n * page })
    expect(read.entries).toEqual([{ vaddr: 0x3000n, pfn: 0x101n }])
    const child = table({ type: 'HOLD' })
    expect(child.defers('CLEAR') && child.defers('MOVE')).toBe(true)
    child.hear({ type: 'FILL', entries: read.entries })
    expect(child.defers('CLEAR')).toBe(false)
    expect([at(child, 0x2000n), at(child, 0x3000n)]).toEqual([null, 0x101n])
  })

  test('a copy and an access may be under way together', () => {
    const it = table(mapped, { type: 'HOLD' }, { type: 'WALK', vaddr: 0x2000n }, { type: 'HOLD' })
    it.hear({ type: 'FILL', entries: [] })
    it.hear({ type: 'WALKED' })
    expect(it.defers('CLEAR')).toBe(true)
    it.hear({ type: 'FILL', entries: [{ vaddr: 0x8000n, pfn: 0x200n }] })
    expect(it.defers('CLEAR')).toBe(false)
    expect(at(it, 0x8000n)).toBe(0x200n)
  })

  test('a walk that finds nothing is over', () => {
    const it = table()
    expect(asked(it, { type: 'WALK', vaddr: 0x2000n }).pfn).toBeNull()
    expect(it.defers('CLEAR')).toBe(false)
  })
})

describe('index space', () => {
  const range = { bar: 1, pfn: 0x380000000n, pages: 4n }

  test.each(['index', 'pfn'] as const)('a page counted by %s leads to the same physical page', (space) => {
    expect(pfnOf(space, range, pgoffOf(space, range, 3n))).toBe(0x380000003n)
  })

  test('pages of different BARs are never the same', () => {
    expect(pgoffOf('index', range, 0n)).toBe(indexed(1, 0n))
    expect(indexed(1, 0n)).toBeGreaterThan(indexed(0, 0xfffffffn))
  })
})

describe('inode of a device', () => {
  const vma = (n: number, start: bigint, pages: bigint, pgoff: bigint) =>
    ({ ptr: ptr(n), start, size: pages * page, pgoff }) as Vma
  const link = (process: string, ...vmas: readonly Vma[]): Message => ({ type: 'LINK', process, vmas })
  const device = (...heard: readonly Message[]) => {
    const it = drive(inode, undefined)
    for (const each of heard) it.hear(each)
    return (pgoff: bigint, pages: bigint) =>
      asked(it, { type: 'OVERLAPPING', pgoff, pages }).ranges.map(
        (each: { process: string; start: bigint; size: bigint }) =>
          `${each.process} 0x${each.start.toString(16)}+${each.size / page}`,
      )
  }

  test('what maps some pages of the file is found, the part that does', () => {
    const zapped = device(link('vmm', vma(0, 0x2000n, 3n, indexed(1, 1n))), link('other', vma(1, 0x5000n, 1n, 0n)))
    expect(zapped(indexed(1, 0n), 0x10n)).toEqual(['vmm 0x2000+3'])
    expect(zapped(indexed(1, 2n), 1n)).toEqual(['vmm 0x3000+1'])
    expect(zapped(0n, indexed(6, 0n))).toEqual(['vmm 0x2000+3', 'other 0x5000+1'])
  })

  test('a mapping that became smaller is linked again and keeps its place', () => {
    const whole = vma(0, 0x2000n, 2n, 0n)
    const zapped = device(link('vmm', whole), link('vmm', vma(0, 0x2000n, 1n, 0n), vma(1, 0x3000n, 1n, 1n)))
    expect(zapped(0n, 2n)).toEqual(['vmm 0x2000+1', 'vmm 0x3000+1'])
  })

  test('what is unlinked is not found', () => {
    const unlink: Message = { type: 'UNLINK', process: 'vmm', vma: ptr(0) }
    expect(device(link('vmm', vma(0, 0x2000n, 1n, 0n)), unlink)(0n, 1n)).toEqual([])
  })
})
