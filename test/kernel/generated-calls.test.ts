/** Over random programs that make system calls, under locks and beside variables of their own, the searches say what brute force says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { linux, type LinuxDescription, type Op, type ProfileName } from '../../index.ts'
import {
  always,
  call,
  field,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  read,
  ret,
  sometimes,
  spin_lock,
  spin_unlock,
  spinlock,
  syscall,
  when,
  write,
  WRITE_ONCE,
  type Step,
} from '../../kernel/index.ts'
import { agreed } from '../explore/compare.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { overChance } from '../chance.ts'

const page = 0x1000

/** Each with the calls that matter in it, by name. */
const stories: Readonly<
  Record<
    string,
    {
      readonly story: { readonly profile: ProfileName; readonly before: NonNullable<LinuxDescription['before']> }
      readonly calls: Readonly<Record<string, Op>>
    }
  >
> = {
  type1: {
    story: {
      profile: '6.1',
      before: [
        { op: 'open_container', as: 'c0' },
        { op: 'open_group', dev: 'emu0', as: 'g0' },
        { op: 'group_set_container', fd: 'g0', container: 'c0' },
        { op: 'mmap', as: 'b0', len: page },
        { op: 'thread', as: 't1' },
      ],
    },
    calls: {
      first: { op: 'set_iommu', fd: 'c0', type: 3 },
      second: { op: 'map_dma', fd: 'c0', iova: page, size: page, vaddr: 'b0', flags: 3 },
      third: { op: 'unmap_dma', fd: 'c0', iova: page, size: page },
      fourth: { op: 'group_unset_container', fd: 'g0' },
    },
  },
  iommufd: {
    story: {
      profile: 'iommufd-type1v2',
      before: [
        { op: 'open_iommufd', as: 'i0' },
        { op: 'ioas_alloc', fd: 'i0' },
        { op: 'open_cdev', dev: 'edu0', as: 'd0' },
        { op: 'bind_iommufd', fd: 'd0', iommufd: 'i0' },
        { op: 'mmap', as: 'b0', len: page },
        { op: 'thread', as: 't1' },
      ],
    },
    calls: {
      first: { op: 'ioas_map', fd: 'i0', ioas: 1, iova: page, size: page, vaddr: 'b0' },
      second: { op: 'attach_pt', fd: 'd0', ioas: 1 },
      third: { op: 'destroy', fd: 'i0', id: 1 },
      fourth: { op: 'detach_pt', fd: 'd0' },
    },
  },
}

interface Piece {
  readonly what: string
  readonly inside: readonly Piece[]
}
interface Program {
  readonly story: string
  readonly but: 'rwsem' | 'counted'
  /** What p0 does, and what t1 does. */
  readonly threads: readonly (readonly Piece[])[]
}
interface Locals {
  readonly v: number
  readonly err: number | string
}

const calls = ['first', 'second', 'third', 'fourth']
const around = ['mutex', 'spin', 'if it failed']
const leaf: fc.Arbitrary<Piece> = fc.record({
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...calls) },
    { weight: 1, arbitrary: fc.constantFrom('add', 'mark') },
  ),
  inside: fc.constant([]),
})
const piece = fc.oneof(
  { weight: 2, arbitrary: leaf },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom(...around), inside: fc.array(leaf, { minLength: 1, maxLength: 1 }) }),
  },
)
const programs: fc.Arbitrary<Program> = fc.record({
  story: fc.constantFrom(...Object.keys(stories)),
  but: fc.constantFrom('rwsem' as const, 'counted' as const),
  threads: fc.array(fc.array(piece, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 2 }),
})

function systemOf({ story, but, threads }: Program) {
  const {
    story: { profile, before },
    calls: named,
  } = stories[story]!
  const [m, s, x] = [mutex('m'), spinlock('s'), field('x', 0)]
  const pieces = (all: readonly Piece[]): readonly Step<Locals>[] =>
    all.flatMap(({ what, inside }): readonly Step<Locals>[] => {
      const within = pieces(inside)
      if (what === 'mutex') return [mutex_lock(m), ...within, mutex_unlock(m)]
      if (what === 'spin') return [spin_lock(s), ...within, spin_unlock(s)]
      if (what === 'if it failed') return [when(({ err }) => err !== 0, [...within])]
      if (what === 'add') return [read(x, 'v'), write(x, ({ v }) => (v + 1) % 3)]
      return what === 'mark' ? [WRITE_ONCE(x, 1)] : [syscall(named[what]!, { into: 'err' })]
    })
  const locals: Locals = { v: 0, err: 0 }
  const [p0, t1] = threads.map((run, n) => {
    // The second half is a call: the reduction has to know whose it is.
    const inner = procedure(`inner${n}`, locals, pieces(run.slice(1)))
    return procedure(`p${n}`, locals, [...pieces(run.slice(0, 1)), call(inner), ret(({ err }) => err)])
  })
  const world = kernel({
    beside: linux({
      name: 'random',
      systemCalls: { profile, ...(story === 'iommufd' && { but: { iommufdObjects: but } }) },
      before,
      tasks: {},
    }),
    threads: { p0: p0!, t1: t1! },
    objects: [x],
  })
  return {
    system: toSystem(world),
    properties: [
      always('x is small', (w: any) => w.field('x') < 2),
      sometimes('both return', (w: any) => w.finished),
      sometimes('t1 fails', (w: any) => w.finished && typeof w.thread('t1').result(0) === 'string'),
    ],
  }
}

const one = (what: string, ...inside: readonly Piece[]): Piece => ({ what, inside })

/** Looked at in any case. */
const examples: readonly (readonly [Program])[] = [
  [{ story: 'iommufd', but: 'rwsem', threads: [[one('first')], [one('third')]] }],
  [{ story: 'iommufd', but: 'counted', threads: [[one('second'), one('add')], [one('mutex', one('third'))]] }],
  [{ story: 'type1', but: 'counted', threads: [[one('mutex', one('first'))], [one('mutex', one('second'))]] }],
  [{ story: 'type1', but: 'counted', threads: [[one('first'), one('second')], [one('fourth')]] }],
  [
    {
      story: 'type1',
      but: 'counted',
      threads: [[one('spin', one('first'))], [one('second'), one('if it failed', one('mark'))]],
    },
  ],
]

// fast-check takes its seed from the clock and prints it, with the smallest failing program, when a fact does not hold.
test('reduced and full search agree with brute force', async () => {
  const seen = { brute: 0, full: 0, reduced: 0, stories: new Set<string>(), kinds: new Set<string>() }
  await overChance(
    fc.asyncProperty(programs, async (program) => {
      const { system, properties } = systemOf(program)
      const { full, reduced, finals } = await agreed(system, properties)
      for (const { kind } of full.findings) seen.kinds.add(kind)
      seen.stories.add(program.story)
      // Brute force knows nothing of memory: where a run ends because of it, it goes on.
      if (!full.findings.some(({ kind }) => kind === 'use-after-free')) {
        seen.brute++
        const brute = bruteForce(system)
        expect(new Set(finals)).toEqual(brute.finals)
        expect([full.states, full.steps]).toEqual([brute.states, brute.steps])
      }
      seen.full += full.states
      seen.reduced += reduced.states
    }),
    {
      runs: 20,
      examples: examples.map(([program]) => [program]),
      enough: () => {
        // Otherwise nothing was put to the test.
        expect(seen.brute).toBeGreaterThan(5)
        expect([...seen.stories].toSorted()).toEqual(['iommufd', 'type1'])
        expect([...seen.kinds]).toEqual(expect.arrayContaining(['use-after-free']))
        expect(seen.reduced * 2).toBeLessThan(seen.full)
      },
    },
  )
})
