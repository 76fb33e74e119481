import { describe, expect, test } from 'vitest'
import { slab } from '../../machines/kernel/heap/slab.ts'
import { drive } from './drive.ts'
import { feed } from './feed.ts'

const alloc = (fields: object = {}) => ({ type: 'ALLOC', fields })
const ptr = (n: number, gen = 1) => ({ id: `pfnmap${n}`, gen })
const site = 'vfio_vma_nb_cb'
const after = (...heard: readonly { type: string; [field: string]: unknown }[]) =>
  feed(slab, { name: 'pfnmap' }, ...heard).said

describe('slab', () => {
  test('what was allocated can be used and changed', () => {
    const set = { type: 'SET', ptr: ptr(0), site, fields: { dma: 'dma1' } }
    expect(after(alloc({ dma: 'dma0', device: 'dev2' }), set, { type: 'USE', ptr: ptr(0), site })).toEqual([
      '~ pfnmap0#1 allocated',
      't1 ANSWER ptr=pfnmap0#1',
      't1 ANSWER ret=0',
      't1 ANSWER fields=[object Object]',
    ])
    const { snapshot } = feed(slab, { name: 'pfnmap' }, alloc({ dma: 'dma0', device: 'dev2' }), set)
    expect(snapshot.context.objects).toEqual([{ ptr: ptr(0), fields: { dma: 'dma1', device: 'dev2' } }])
  })

  test('an address that was freed is given out again, as another life', () => {
    expect(after(alloc(), alloc(), { type: 'FREE', ptr: ptr(0), site }, alloc(), alloc())).toEqual([
      '~ pfnmap0#1 allocated',
      't1 ANSWER ptr=pfnmap0#1',
      '~ pfnmap1#1 allocated',
      't1 ANSWER ptr=pfnmap1#1',
      '~ pfnmap0#1 freed',
      't1 ANSWER ret=0',
      '~ pfnmap0#2 allocated',
      't1 ANSWER ptr=pfnmap0#2',
      '~ pfnmap2#1 allocated',
      't1 ANSWER ptr=pfnmap2#1',
    ])
  })

  test.each(['USE', 'SET', 'ADD', 'INC_NOT_ZERO'])(
    '%s of a life that is over is a use-after-free, whoever lives there now',
    (type) => {
      const late = { type, ptr: ptr(0), site, fields: {}, field: 'refs', by: 1 }
      const said = after(alloc(), { type: 'FREE', ptr: ptr(0), site }, alloc(), late)
      expect(said.at(-1)).toBe('! use-after-free use-after-free in vfio_vma_nb_cb')
    },
  )

  test('freeing twice is a double free', () => {
    const free = { type: 'FREE', ptr: ptr(0), site: 'kfree' }
    expect(after(alloc(), free, free).at(-1)).toBe('! double-free double-free in kfree')
  })

  test('a count changes and is told in one step', () => {
    const add = (by: number) => ({ type: 'ADD', ptr: ptr(0), site, field: 'refs', by })
    expect(after(alloc({ refs: 1 }), add(1), add(-1), add(-1)).slice(2)).toEqual([
      't1 ANSWER value=2',
      't1 ANSWER value=1',
      't1 ANSWER value=0',
    ])
  })

  test('what there is at the start has an address each', () => {
    const { snapshot, said } = feed(slab, { name: 'mm', objects: [{ users: 1 }, { users: 0 }] }, alloc())
    expect(said).toEqual(['~ mm2#1 allocated', 't1 ANSWER ptr=mm2#1'])
    expect(snapshot.context.objects.map(({ fields }: { fields: object }) => fields)).toEqual([
      { users: 1 },
      { users: 0 },
      {},
    ])
  })

  describe('a refcount_t', () => {
    const add = (by: number) => ({ type: 'ADD', ptr: ptr(0), site, field: 'refs', by })
    const from = (refs: number, ...heard: readonly { type: string; [field: string]: unknown }[]) =>
      feed(slab, { name: 'pfnmap', objects: [{ refs }] }, ...heard).said

    test('that drops below zero, or rises from it, is saturated and stays so', () => {
      expect(from(0, add(-1), add(1))).toEqual([
        '! refcount refcount_t: underflow; use-after-free.',
        't1 ANSWER value=-1073741824',
        '! refcount refcount_t: saturated; leaking memory.',
        't1 ANSWER value=-1073741824',
      ])
      expect(from(0, add(1))).toEqual([
        '! refcount refcount_t: addition on 0; use-after-free.',
        't1 ANSWER value=-1073741824',
      ])
    })

    test('that overflows is saturated', () => {
      expect(from(2 ** 31 - 1, add(1))).toEqual([
        '! refcount refcount_t: saturated; leaking memory.',
        't1 ANSWER value=-1073741824',
      ])
    })

    test('that is decremented to zero by whoever does not ask whether it is, is saturated, and its object leaks', () => {
      const dec = { ...add(-1), untested: true }
      expect(from(2, dec, dec, add(1))).toEqual([
        't1 ANSWER value=1',
        '! refcount refcount_t: decrement hit 0; leaking memory.',
        't1 ANSWER value=-1073741824',
        '! refcount refcount_t: saturated; leaking memory.',
        't1 ANSWER value=-1073741824',
      ])
      expect(from(1, add(-1))).toEqual(['t1 ANSWER value=0'])
    })

    test('is incremented unless it is zero, which nobody complains of', () => {
      const inc = { type: 'INC_NOT_ZERO', ptr: ptr(0), site, field: 'refs' }
      expect(from(1, inc, inc)).toEqual(['t1 ANSWER value=2', 't1 ANSWER value=3'])
      expect(from(0, inc)).toEqual(['t1 ANSWER value=0'])
    })
  })

  test('what happens to memory is said with its site', () => {
    const object = drive(slab, { name: 'pfnmap' })
    const said = [
      ...object.hear({ ...alloc({ refs: 1 }), site: 'vfio_alloc' }),
      ...object.hear({ type: 'USE', ptr: ptr(0), site }),
      ...object.hear({ type: 'SET', ptr: ptr(0), site, fields: {} }),
      ...object.hear({ type: 'ADD', ptr: ptr(0), site, field: 'refs', by: 1 }),
      ...object.hear({ type: 'FREE', ptr: ptr(0), site: 'kfree' }),
    ].filter(({ type }) => type === 'memory')
    const about = { type: 'memory', object: 'pfnmap0#1', cache: 'pfnmap', live: true }
    expect(said).toEqual([
      { ...about, act: 'alloc', site: 'vfio_alloc' },
      { ...about, act: 'use', site, access: 'read' },
      { ...about, act: 'use', site, access: 'write' },
      { ...about, act: 'count', site, access: 'write', count: { field: 'refs', from: 1, by: 1 } },
      { ...about, act: 'free', site: 'kfree' },
    ])
  })
})
