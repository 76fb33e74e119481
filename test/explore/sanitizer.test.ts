/** The sanitizer: what is wrong with memory, the lives of objects in a run, and what is left over at its end. */
import { describe, expect, test } from 'vitest'
import { listCalled, slabCalled } from '../../actors/world/heaps.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore, replay } from '../../explore/index.ts'
import { judge, sanitizer } from '../../explore/memory/sanitizer.ts'
import type { Component, HeapObject, Memory, Outcome, System } from '../../explore/system.ts'
import type { Pointer } from '../../machines/kernel/heap/pointer.ts'

const object = 'task0#1'
const about = { object, cache: 'task', site: 'put_task' } as const
const use: Memory = { act: 'use', ...about, live: true }
const count = (from: number, by: number, title?: string): Memory => ({
  act: 'count',
  ...about,
  live: true,
  count: { field: 'refs', from, by, ...(title !== undefined && { title }) },
})

const largest = 2 ** 31 - 1

describe('what is wrong with memory', () => {
  test.each([
    ['alloc', true],
    ['use', true],
    ['free', true],
  ] as const)('nothing with %s of what lives', (act, live) => {
    expect(judge({ ...use, act, live })).toBeUndefined()
  })

  test.each([
    ['use', 'use-after-free'],
    ['count', 'use-after-free'],
    ['free', 'double-free'],
  ] as const)('%s of what does not is a %s', (act, kind) => {
    expect(judge({ ...use, act, live: false, detail: 'reads task->mm' })).toEqual({
      ...{ kind, title: `${kind} in put_task`, fatal: true, object, detail: 'reads task->mm' },
    })
  })

  test.each([
    [1, -1, undefined],
    [1, 1, undefined],
    [largest - 1, 1, undefined],
    [0, 1, 'refcount_t: addition on 0; use-after-free.'],
    [0, -1, 'refcount_t: underflow; use-after-free.'],
    [1, -2, 'refcount_t: underflow; use-after-free.'],
    [largest, 1, 'refcount_t: saturated; leaking memory.'],
    [-(2 ** 30), 1, 'refcount_t: saturated; leaking memory.'],
    [-(2 ** 30), -1, 'refcount_t: underflow; use-after-free.'],
  ])('a count of %d, %d: %s', (from, by, title) => {
    const found = judge(count(from, by))
    expect(found?.title).toBe(title)
    expect(found?.fatal ?? false).toBe(false)
  })

  test.each([
    [2, -1, undefined],
    [1, -1, 'refcount_t: decrement hit 0; leaking memory.'],
    [0, -1, 'refcount_t: decrement hit 0; leaking memory.'],
    [-(2 ** 30), -1, 'refcount_t: decrement hit 0; leaking memory.'],
  ])('refcount_dec of %d, %d: %s', (from, by, title) => {
    const { count: plain, ...rest } = count(from, by)
    expect(judge({ ...rest, count: { ...plain!, untested: true } })?.title).toBe(title)
  })

  test('what is no refcount_t is called what its owner says', () => {
    expect(judge(count(0, -1, 'users dropped below zero'))?.title).toBe('users dropped below zero')
  })
})

const never = { sends: [], findings: [], notes: [], ignored: false }

/** A component that says what it is told to say. */
const teller = (id: string, thread?: string): Component => ({
  id,
  initial: 0,
  accepts: () => true,
  receive: (local, message): Outcome => ({
    ...{ ...never, local: local + 1 },
    sends: message.type === 'GO' ? [{ to: 'heap', message: { type: 'TELL', from: id } }] : [],
  }),
  key: String,
  show: (local) => ({ state: String(local), data: {} }),
  ...(thread !== undefined && { thread }),
})

const heap = (told: readonly Memory[], left: readonly HeapObject[] = []): Component => ({
  ...teller('heap'),
  receive: (local): Outcome => {
    const memory = told.slice(local, local + 1)
    return { ...never, local: local + 1, memory, findings: memory.flatMap((one) => judge(one) ?? []) }
  },
  heap: () => left,
  leadsTo: () => left.map((each) => each.object),
})

const system = (...components: readonly Component[]): System => ({
  ...{ name: 'toy', fingerprint: '0000', components, view: () => ({}) },
  start: components
    .filter(({ thread }) => thread !== undefined)
    .map(({ id }) => ({ to: id, message: { type: 'GO', from: 'env' } })),
})

describe('the lives of objects', () => {
  test('an object is allocated, used, freed and used again, each time by somebody in his calls', () => {
    const told = [{ ...use, act: 'alloc' }, use, { ...use, act: 'free' }, { ...use, live: false }] as const
    const world = system(teller('a', 'a'), teller('b', 'b'), teller('c', 'c'), teller('d', 'd'), heap(told))
    const order = ['a', 'b', 'c', 'd'].flatMap((id) => [`env → ${id} GO`, `${id} → heap TELL`])
    const { lives, violations } = sanitizer(replay(world, order))
    expect(lives).toMatchObject([
      {
        ...{ object, cache: 'task' },
        allocated: { step: 2, thread: 'a', stack: [{ call: 'a', since: 1 }] },
        touches: [
          { step: 4, thread: 'b', memory: { live: true } },
          { step: 8, thread: 'd', memory: { live: false } },
        ],
        freed: { step: 6, thread: 'c' },
      },
    ])
    expect(violations).toMatchObject([{ finding: { title: 'use-after-free in put_task' }, touch: { step: 8 } }])
    expect(violations[0]!.life).toBe(lives[0])
  })

  test('what is touched after its life has ended is the life that ended, though another goes on under its name', () => {
    const alloc = { ...use, act: 'alloc' } as const
    const told = [alloc, { ...use, act: 'free' }, alloc, { ...use, live: false }] as const
    const world = system(teller('a', 'a'), teller('b', 'b'), teller('c', 'c'), teller('d', 'd'), heap(told))
    const order = ['a', 'b', 'c', 'd'].flatMap((id) => [`env → ${id} GO`, `${id} → heap TELL`])
    const { lives, violations } = sanitizer(replay(world, order))
    expect(lives).toMatchObject([
      { freed: { step: 4 }, touches: [{ step: 8 }] },
      { freed: undefined, touches: [] },
    ])
    expect(violations[0]!.life).toBe(lives[0])
  })

  test('nobody allocated what was there before the run began', () => {
    const { lives } = sanitizer(replay(system(teller('a', 'a'), heap([use])), ['env → a GO', 'a → heap TELL']))
    expect(lives).toMatchObject([{ object, allocated: undefined, freed: undefined, touches: [{ step: 2 }] }])
  })
})

describe('what is left at the end', () => {
  const left = (name: string, ...leadsTo: string[]): HeapObject => ({ object: name, cache: name.slice(0, 1), leadsTo })
  const holder = (id: string, leadsTo: readonly string[], thread?: string): Component => ({
    ...teller(id, thread),
    leadsTo: () => leadsTo,
  })
  const leaksOf = async (...components: readonly Component[]) => {
    const all = system(teller('t', 't'), ...components)
    const { findings } = await explore(all)
    const found = findings.filter(({ kind }) => kind === 'leak')
    for (const { schedule, title } of found)
      expect(replay(all, schedule).leaks?.map((leak) => leak.title)).toContain(title)
    return found.map(({ title }) => title)
  }

  test('is unreferenced when no data leads to it, not even that of the heap it is in', async () => {
    expect(await leaksOf(heap([], [left('a')]))).toEqual(['unreferenced object a'])
    expect(await leaksOf(heap([], [left('a')]), holder('list', ['a']))).toEqual([])
  })

  test('is reached through objects that are, and not through those that are lost themselves', async () => {
    const chain = heap([], [left('a', 'b'), left('b', 'c'), left('c')])
    expect(await leaksOf(chain, holder('list', ['a']))).toEqual([])
    expect(await leaksOf(chain, holder('list', ['b']))).toEqual(['unreferenced object a'])
    expect(await leaksOf(heap([], [left('a', 'b'), left('b', 'a')]))).toEqual([
      'unreferenced object a',
      'unreferenced object b',
    ])
  })

  test('is lost though a thread knew of it', async () => {
    expect(await leaksOf(heap([], [left('a')]), holder('u', ['a'], 'u'))).toEqual(['unreferenced object a'])
  })

  test('is nothing while more can happen, or when somebody waits for ever', async () => {
    const lost = heap([], [left('a')])
    expect(replay(system(teller('t', 't'), lost), ['env → t GO']).leaks).toBeUndefined()
    const waiting = { ...teller('w', 'w'), waits: () => true }
    const stuck = system(teller('t', 't'), waiting, lost)
    const { findings } = await explore(stuck)
    expect(findings.map(({ kind }) => kind)).toEqual(['deadlock'])
    const { end, leaks } = replay(stuck, findings[0]!.schedule)
    expect([end, leaks]).toEqual(['deadlock', undefined])
  })

  test.each([{ random: { seed: 1, runs: 2 } }, { pct: { seed: 1, runs: 2, preemptions: 1 } }])(
    'is seen by a sample, too: %o',
    async (search) => {
      const { findings } = await explore(system(teller('t', 't'), heap([], [left('a')])), [], { search })
      expect(findings.map(({ title }) => title)).toEqual(['unreferenced object a'])
    },
  )

  test('in a world: a slab is a heap, and pointers anywhere in the data of others lead to what it has', async () => {
    const [head0, node0, node1] = ['head0', 'node0', 'node1'].map((id) => ({ id, gen: 1 }))
    const leaks = async (roots: readonly Pointer[]) => {
      const heads = slabCalled('heads', 'head', [{ lists: [{ first: node0 }] }])
      const nodes = slabCalled('nodes', 'node', [{ next: node1 }, { next: null }])
      const actors = [heads, nodes, listCalled('roots', roots)]
      const { findings } = await explore(toSystem({ name: 'slabs', actors, start: [], view: () => ({}) }))
      return findings.map(({ title, objects }) => `${title}: ${objects.join()}`)
    }
    expect(await leaks([head0!])).toEqual([])
    expect(await leaks([node1!])).toEqual(['unreferenced object head: head0#1', 'unreferenced object node: node0#1'])
    // Another life of the same address.
    expect(await leaks([{ ...head0!, gen: 2 }, node0!])).toEqual(['unreferenced object head: head0#1'])
  })
})
