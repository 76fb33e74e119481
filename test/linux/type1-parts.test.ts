/** What the type1 backend computes with: the tree its mappings are in, dirty bitmaps, windows of IOVA, checks of arguments. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clearBits,
  copyOut,
  firstWords,
  isBadBitmapSize,
  setBits,
  wordOf,
  type Bits,
  type UserBitmap,
} from '../../machines/type1/dirty/dirty-bitmap.ts'
import * as list from '../../machines/type1/backend/dma-list.ts'
import { emptyTree, link, search, searchFirst, unlink, type DmaTree } from '../../machines/type1/backend/dma-tree.ts'
import { conflicts, isAllowed, narrowed, restored } from '../../machines/type1/backend/iova-windows.ts'
import { mapError } from '../../machines/type1/map/map-checks.ts'
import { unmapError, unmapRangeError } from '../../machines/type1/unmap/unmap-checks.ts'
import { profiles } from '../../machines/profile.ts'

const page = 0x1000n
const kernels = ['4.10', '5.10', '5.15', '6.1', '7.2'] as const

describe('the tree of mappings', () => {
  /** Ids from left to right; throws where it is no red-black tree. */
  const inOrder = (tree: DmaTree): readonly string[] => {
    const walk = (id: string | null, parent: string | null): { ids: string[]; black: number } => {
      if (id === null) return { ids: [], black: 0 }
      const node = tree.nodes[id]!
      expect(node.parent).toBe(parent)
      const isRed = (child: string | null) => child !== null && tree.nodes[child]!.red
      if (node.red) expect([node.left, node.right].some(isRed)).toBe(false)
      const [left, right] = [walk(node.left, id), walk(node.right, id)]
      expect(left.black).toBe(right.black)
      return { ids: [...left.ids, id, ...right.ids], black: left.black + (node.red ? 0 : 1) }
    }
    const { ids } = walk(tree.root, null)
    expect(ids).toHaveLength(Object.keys(tree.nodes).length)
    return ids
  }
  const iovaOf = (id: string): bigint => BigInt(id.slice(1)) * 4n * page
  const changes = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30 })), { maxLength: 120 })

  test('stays balanced and sorted whatever is linked and unlinked, and finds what a list finds', () => {
    fc.assert(
      fc.property(changes, fc.bigInt(0n, 130n), fc.bigInt(1n, 20n), (steps, from, pages) => {
        let tree = emptyTree
        const alive = new Set<string>()
        for (const [isLink, slot] of steps) {
          const id = `d${slot}`
          if (isLink && !alive.has(id)) tree = link(tree, id, iovaOf(id), iovaOf(id) + 2n * page)
          else if (!isLink && alive.has(id)) tree = unlink(tree, id)
          if (isLink) alive.add(id)
          else alive.delete(id)
          expect(inOrder(tree)).toEqual([...alive].sort((a, b) => Number(iovaOf(a) - iovaOf(b))))
        }
        const [iova, size] = [from * page, pages * page]
        const hits = inOrder(tree).filter((id) => iova + size > iovaOf(id) && iova < iovaOf(id) + 2n * page)
        expect(searchFirst(tree, iova, size)).toBe(hits[0] ?? null)
        const found = search(tree, iova, size)
        expect(hits.length === 0 ? found === null : hits.includes(found!)).toBe(true)
      }),
    )
  })

  const mapped = (inclusive: boolean, ...iovas: readonly bigint[]) =>
    iovas.reduce(
      (dmas, iova) => list.insert(dmas, { iova, size: page, prot: 'rw', mm: 'p0' }),
      list.emptyList(inclusive),
    )
  const top = 2n ** 64n - page
  const everything = [0n, 2n ** 64n - 1n] as const

  test('a mapping of the last page hides whatever is below it to the left of it, and not what it hangs from', () => {
    expect(list.findFirst(mapped(false, top), ...everything)).toBeUndefined()
    expect(list.findFirst(mapped(false, top, 0n), ...everything)).toBeUndefined()
    const found = list.findFirst(mapped(false, 0n, top), ...everything)!
    expect(found).toMatchObject({ iova: 0n })
    expect(list.nextIn(mapped(false, 0n, top), found, ...everything)).toMatchObject({ iova: top })
    expect(list.find(mapped(false, top, 0n), 0n, page)).toMatchObject({ iova: 0n })
    expect(list.find(mapped(false, 0n, top), top, page)).toBeUndefined()
  })

  test('where ends are inclusive it is a mapping like any other', () => {
    expect(list.findFirst(mapped(true, top), ...everything)).toMatchObject({ iova: top })
    expect(list.find(mapped(true, top), top, page)).toMatchObject({ iova: top })
    expect(list.bisects(mapped(true, top), top - page, 2n * page)).toBe(false)
  })
})

describe('dirty bitmaps', () => {
  const buffer = (prefill = 0): UserBitmap => ({ prefill, bad: false, writes: [] })
  const all = (pages: number): Bits => setBits([], 0, pages)

  test('bits above the mapping stay behind when it is shifted, and come back', () => {
    // Pages [4, 8) of a request for [0, 16), then a request for [4, 8) itself.
    const first = copyOut(all(4), 4, buffer(), 4)
    expect(firstWords(first.user, 1)).toEqual([0xf0n])
    const again = copyOut(setBits(clearBits(first.bits, 0, 4), 0, 4), 4, buffer(), 0)
    expect(firstWords(again.user, 1)).toEqual([0xffn])
  })

  test('what the user left in a shared word is copied back to him and remembered', () => {
    const first = copyOut([], 2, buffer(0xff), 2)
    expect(firstWords(first.user, 2)).toEqual([2n ** 64n - 1n, 2n ** 64n - 1n])
    expect(wordOf(clearBits(first.bits, 0, 2), 0)).toBe(2n ** 64n - 4n)
    // At a multiple of 64 pages the whole word is overwritten.
    expect(firstWords(copyOut([], 2, buffer(0xff), 64).user, 2)).toEqual([2n ** 64n - 1n, 0n])
  })

  test('a bad pointer is met after the bitmap was shifted', () => {
    expect(copyOut(all(2), 2, { ...buffer(), bad: true }, 3)).toMatchObject({ bits: [[3, 5]], ret: '-EFAULT' })
    expect(copyOut(all(2), 2, { ...buffer(), bad: true }, 64)).toMatchObject({ bits: [[0, 2]], ret: '-EFAULT' })
  })

  /** The same with plain words, as the kernel keeps them: one more than the mapping needs. */
  const naive = (words: readonly bigint[], pages: number, offset: number, memory: bigint[]): readonly bigint[] => {
    const shift = BigInt(offset % 64)
    const at = Math.floor(offset / 64)
    const used = Math.ceil((pages + Number(shift)) / 64)
    const own = [...words]
    if (shift > 0n) {
      for (let word = used - 1; word >= 0; word--)
        own[word] = BigInt.asUintN(64, (words[word]! << shift) | (word > 0 ? words[word - 1]! >> (64n - shift) : 0n))
      own[0]! |= memory[at]!
    }
    for (let word = 0; word < used; word++) memory[at + word] = own[word]!
    return own
  }

  test('request after request, they are what words of 64 bits would be', () => {
    const requests = fc.array(fc.tuple(fc.nat(200), fc.nat(255), fc.nat(180)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 180 }), requests, (pages, asked) => {
        const count = Math.ceil(pages / 64) + 1
        let bits: Bits = []
        let words: readonly bigint[] = Array<bigint>(count).fill(0n)
        for (const [offset, prefill, dirty] of asked) {
          bits = setBits(bits, 0, Math.min(dirty, pages))
          words = words.map((word, index) => word | wordOf(setBits([], 0, Math.min(dirty, pages)), index))
          const memory = Array<bigint>(8).fill(BigInt(`0x${prefill.toString(16).padStart(2, '0').repeat(8)}`))
          const copied = copyOut(bits, pages, buffer(prefill), offset)
          words = naive(words, pages, offset, memory)
          expect(firstWords(copied.user, 8)).toEqual(memory)
          bits = clearBits(copied.bits, 0, pages)
          const mask = setBits([], 0, pages)
          words = words.map((word, index) => word & ~wordOf(mask, index) & (2n ** 64n - 1n))
          expect(words.map((_, index) => wordOf(bits, index))).toEqual(words)
        }
      }),
    )
  })

  test('the user has to say that there is room for whole words, and not for more than there can be', () => {
    expect(isBadBitmapSize(64n, 8n)).toBe(false)
    expect(isBadBitmapSize(65n, 8n)).toBe(true)
    expect(isBadBitmapSize(0n, 8n)).toBe(true)
    expect(isBadBitmapSize(1n, 2n ** 28n)).toBe(false)
    expect(isBadBitmapSize(1n, 2n ** 28n + 8n)).toBe(true)
  })
})

describe('IOVA windows', () => {
  const real = narrowed([])
  const mapping = (iova: bigint) => list.insert(list.emptyList(false), { iova, size: page, prot: 'rw', mm: 'p0' })

  test('come with the first group behind an IOMMU: its aperture without the window of interrupts', () => {
    expect(real).toEqual([
      [0n, 0xfedfffffn],
      [0xfef00000n, 2n ** 48n - 1n],
    ])
    expect(narrowed(real)).toEqual(real)
    expect(isAllowed(real, 0xfedff000n, 0xfee00fffn)).toBe(false)
    expect(isAllowed([], 0n, 2n ** 64n - 1n)).toBe(true)
  })

  test('are widened when the last one leaves, not forgotten', () => {
    expect(restored(real, true)).toEqual(real)
    expect(restored(real, false)).toEqual([[0n, 2n ** 64n - 1n]])
    expect(restored([], false)).toEqual([])
    expect(narrowed(restored(real, false))).toEqual(real)
  })

  test('mappings in the window of interrupts are in the way; those above the aperture are not found before 6.19', () => {
    const wide = restored(real, false)
    expect(conflicts(mapping(0xfee00000n), [])).toBe(true)
    expect(conflicts(mapping(0xfef00000n), wide)).toBe(false)
    expect(conflicts(mapping(2n ** 48n), wide)).toBe(false)
    expect(conflicts({ ...mapping(2n ** 48n), inclusive: true }, wide)).toBe(true)
  })
})

describe('arguments', () => {
  const map = { argsz: 32, flags: 3, iova: 0n, size: page, vaddr: 0n }
  const wrapping = { iova: 2n ** 64n - page, size: 2n * page }

  test('MAP_DMA looks at size and wrapping before the flags since 6.19, and says EOVERFLOW', () => {
    const both = { ...map, ...wrapping, flags: 7 }
    expect(mapError(profiles['6.1'], both)).toBe('-EINVAL')
    expect(mapError(profiles['7.2'], both)).toBe('-EOVERFLOW')
    expect(mapError(profiles['6.1'], { ...map, ...wrapping })).toBe('-EINVAL')
    expect(mapError(profiles['7.2'], { ...map, vaddr: 2n ** 64n - page, size: 2n * page })).toBe('-EOVERFLOW')
    expect(mapError(profiles['7.2'], { ...map, ...wrapping, flags: 8 })).toBe('-EINVAL')
    expect(mapError(profiles['7.2'], { ...map, iova: 1n })).toBe('-EINVAL')
  })

  test('a range may end at 2^64', () => {
    for (const name of kernels) expect(mapError(profiles[name], { ...map, iova: 2n ** 64n - page })).toBeUndefined()
  })

  test('flags are known from the version on that brought them', () => {
    const knows = (flags: number) => kernels.filter((name) => mapError(profiles[name], { ...map, flags }) === undefined)
    expect(knows(3)).toEqual(kernels)
    expect(knows(4)).toEqual(['5.15', '6.1', '7.2'])
    expect(knows(8)).toEqual([])
    const bitmap = { bitmap_size: 8n, pgsize: page }
    const unmaps = (flags: number) =>
      kernels.filter(
        (name) => unmapError(profiles[name], { argsz: 48, flags, iova: 0n, size: page, ...bitmap }) === undefined,
      )
    expect(unmaps(1)).toEqual(['5.10', '5.15', '6.1', '7.2'])
    expect(unmaps(2)).toEqual(['5.15', '6.1', '7.2'])
    expect(unmaps(3)).toEqual([])
  })

  test('UNMAP_DMA with ALL takes no range; without, only whole pages that do not wrap', () => {
    const wrong = (flags: number, iova: bigint, size: bigint, name: '6.1' | '7.2' = '6.1') =>
      unmapRangeError(profiles[name], { flags, iova, size, pgsize: page, bitmap_size: 0n })
    expect(wrong(2, 0n, 0n)).toBeUndefined()
    expect(wrong(2, 0n, page)).toBe('-EINVAL')
    expect(wrong(2, page, 0n)).toBe('-EINVAL')
    expect(wrong(0, 0n, 0n)).toBe('-EINVAL')
    expect(wrong(0, 0n, 0x800n)).toBe('-EINVAL')
    expect(wrong(0, 2n ** 64n - page, page)).toBeUndefined()
    expect(wrong(0, 2n ** 64n - page, 2n * page, '7.2')).toBe('-EOVERFLOW')
  })
})
