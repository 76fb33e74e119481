import { describe, expect, test } from 'vitest'
import { list } from '../../machines/kernel/lists/list.ts'
import { feed } from './feed.ts'

const [a, b, c] = [0, 1, 2].map((n) => ({ id: `task${n}`, gen: 1 }))
const add = (ptr: unknown) => ({ type: 'ADD', ptr })
const del = (ptr: unknown) => ({ type: 'DEL', ptr })
const next = (after: unknown) => ({ type: 'NEXT', after })
const after = (...heard: readonly { type: string; [field: string]: unknown }[]) =>
  feed(list, { ptrs: [b, c] }, ...heard)

describe('list', () => {
  test('an entry is added at the head and deleted wherever it is', () => {
    const { said, snapshot, atRest } = after({ type: 'READ' }, add(a), { type: 'READ' }, del(b), { type: 'READ' })
    expect(said).toEqual([
      't1 ANSWER ptrs=[task1#1, task2#1]',
      't1 ANSWER ret=0',
      't1 ANSWER ptrs=[task0#1, task1#1, task2#1]',
      't1 ANSWER ret=0',
      't1 ANSWER ptrs=[task0#1, task2#1]',
    ])
    expect(snapshot.context.ptrs).toEqual([a, c])
    expect(atRest).toBe(false)
    expect(after(add(a), del(a)).atRest).toBe(true)
  })

  test('an entry is added at the end for whoever says so', () => {
    expect(after({ ...add(a), tail: true }).snapshot.context.ptrs).toEqual([b, c, a])
  })

  test('is empty unless something is on it', () => {
    expect(feed(list, {}, { type: 'READ' }, next(null)).said).toEqual(['t1 ANSWER ptrs=[]', 't1 ANSWER ptr=null'])
  })

  test('is walked from entry to entry', () => {
    expect(after(next(null), next(b), next(c)).said).toEqual([
      't1 ANSWER ptr=task1#1',
      't1 ANSWER ptr=task2#1',
      't1 ANSWER ptr=null',
    ])
  })

  test('who stands at an entry that is gone finds no next one, and follows poison', () => {
    expect(after(del(b), next(b)).said.at(-1)).toBe('t1 ANSWER ptr=null poisoned=true')
    expect(after(next({ ...b, gen: 2 })).said).toEqual(['t1 ANSWER ptr=null poisoned=true'])
  })

  test('deleting or adding twice corrupts it', () => {
    const corrupted = ['! warn list_del corruption', 't1 ANSWER ret=0']
    expect(after(del(b), del(b)).said.slice(-2)).toEqual(corrupted)
    expect(after(del({ ...b, gen: 2 })).said).toEqual(corrupted)
    expect(after(add(b)).said).toEqual(['! bug list_add double add'])
  })
})
