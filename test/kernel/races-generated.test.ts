/** Over random programs the search finds the data races that brute force finds with vector clocks, reduced or not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toSystem } from '../../actors/system.ts'
import { explore, replay } from '../../explore/index.ts'
import {
  atomic_inc,
  atomic_t,
  cmpxchg,
  down_read,
  down_write,
  field,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  read,
  READ_ONCE,
  refcount_dec_and_test,
  refcount_t,
  rw_semaphore,
  smp_load_acquire,
  smp_mb,
  smp_rmb,
  smp_store_release,
  smp_wmb,
  up_read,
  up_write,
  when,
  write,
  WRITE_ONCE,
  xchg,
  type Step,
} from '../../kernel/index.ts'
import { racesOf, type Op } from './race-oracle.ts'

type Program = readonly (readonly Op[])[]

interface Locals {
  readonly v: number
  readonly last: boolean
}

const systemOf = (program: Program) => {
  const [m, sem] = [mutex('m'), rw_semaphore('sem')]
  const fields = { x: field('x', 0), y: field('y', 0), f: field('f', 0), g: field('g', 0) }
  const [a, n] = [atomic_t('a', 0), refcount_t('n', 2)]
  const named = (of: string) => fields[of as keyof typeof fields]
  const nothing: Partial<Record<Op['op'], Step<Locals>>> = {
    lock: mutex_lock(m),
    unlock: mutex_unlock(m),
    down_read: down_read(sem),
    up_read: up_read(sem),
    down_write: down_write(sem),
    up_write: up_write(sem),
    mb: smp_mb(),
    wmb: smp_wmb(),
    rmb: smp_rmb(),
    put: refcount_dec_and_test(n, 'last'),
    atomic_inc: atomic_inc(a),
  }
  const accesses: Partial<Record<Op['op'], (of: string) => Step<Locals>>> = {
    read: (of) => read(named(of), 'v'),
    write: (of) => write(named(of), 1),
    READ_ONCE: (of) => READ_ONCE(named(of), 'v'),
    WRITE_ONCE: (of) => WRITE_ONCE(named(of), 1),
    release: (of) => smp_store_release(named(of), 1),
    acquire: (of) => smp_load_acquire(named(of), 'v'),
    xchg: (of) => xchg(named(of), 1, 'v'),
    cmpxchg: (of) => cmpxchg(named(of), 0, 1, 'v'),
  }
  const stepsOf = (run: readonly Op[]): readonly Step<Locals>[] =>
    run.map((op, at) => {
      if (op.op === 'if') {
        const decides = run[at - 1]?.op === 'put' ? 'last' : 'v'
        return when<Locals>(decides, stepsOf(op.inside))
      }
      return nothing[op.op] ?? accesses[op.op]!((op as { readonly of: string }).of)
    })
  const threads = program.map((run, t) => [`t${t}`, procedure(`p${t}`, { v: 0, last: false }, stepsOf(run))] as const)
  return toSystem(kernel({ threads: Object.fromEntries(threads) }))
}

const plain = fc.record({
  op: fc.constantFrom<'read' | 'write'>('read', 'write'),
  of: fc.constantFrom('x', 'y'),
})
const marked = fc.record({
  op: fc.constantFrom<'READ_ONCE' | 'WRITE_ONCE' | 'release' | 'acquire' | 'xchg' | 'cmpxchg'>(
    'READ_ONCE',
    'WRITE_ONCE',
    'release',
    'acquire',
    'xchg',
    'cmpxchg',
  ),
  of: fc.constantFrom('f', 'f', 'g', 'x'),
})
const fence = fc.record({ op: fc.constantFrom<'mb' | 'wmb' | 'rmb'>('mb', 'wmb', 'rmb') })
const op: fc.Arbitrary<readonly Op[]> = fc.oneof(
  { weight: 3, arbitrary: plain.map((each) => [each]) },
  { weight: 2, arbitrary: marked.map((each) => [each]) },
  { weight: 1, arbitrary: fence.map((each) => [each]) },
  { weight: 1, arbitrary: fc.constant<readonly Op[]>([{ op: 'atomic_inc', of: 'a' }]) },
  {
    weight: 2,
    arbitrary: plain.map((each): readonly Op[] => [{ op: 'lock' }, each, { op: 'unlock' }]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('read', 'write'), plain)
      .map(([how, each]) => [{ op: `down_${how}` }, each, { op: `up_${how}` }] as readonly Op[]),
  },
  // A message: what is written before is read by who sees it.
  {
    weight: 2,
    arbitrary: fc
      .tuple(plain, fc.constantFrom('release', 'WRITE_ONCE', 'xchg'))
      .map(([each, how]) => [each, { op: how, of: 'f' }] as readonly Op[]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('acquire', 'READ_ONCE', 'xchg'), fc.constantFrom('f', 'g'), fc.option(fence), plain)
      .map(([how, of, barrier, each]) => [
        { op: how, of } as Op,
        { op: 'if', inside: [...(barrier ? [barrier] : []), each] } as Op,
      ]),
  },
  {
    weight: 1,
    arbitrary: plain.map((each): readonly Op[] => [each, { op: 'put', of: 'n' }, { op: 'if', inside: [each] }]),
  },
)
/** Two threads that do more, or three that do less: brute force goes all ways one by one. */
const thread = (maxLength: number) =>
  fc
    .array(op, { minLength: 1, maxLength })
    .map((parts) => parts.flat().slice(0, 7))
    .map(closed)
const programs: fc.Arbitrary<Program> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(thread(3), thread(3)) },
  { weight: 1, arbitrary: fc.tuple(thread(1), thread(1), thread(2)) },
)

/** What was cut off is let go of. */
function closed(run: readonly Op[]): readonly Op[] {
  const pairs = { lock: 'unlock', down_read: 'up_read', down_write: 'up_write' } as const
  const last = run.at(-1)
  const open = run.filter(
    (each, at): boolean =>
      each.op in pairs && !run.slice(at).some(({ op: o }) => o === pairs[each.op as keyof typeof pairs]),
  )
  return last === undefined || open.length === 0
    ? run
    : [...run, ...open.toReversed().map(({ op: o }) => ({ op: pairs[o as keyof typeof pairs] }))]
}

const told = (findings: readonly { kind: string; title: string; objects: readonly string[]; detail?: string }[]) =>
  findings
    .filter(({ kind }) => kind === 'data-race')
    .flatMap(({ title, objects, detail = '' }) =>
      [...objects, ...detail.replace('the same at ', '').split(', ')]
        .filter((each) => each !== '')
        .map((of) => `${of}: ${title.replace('data-race in ', '')}`),
    )
    .sort()

test('the search finds the data races that brute force finds with vector clocks, reduced or not', async () => {
  const seen = { racy: 0, free: 0, on: 0 }
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const races = racesOf(program)
      const system = systemOf(program)
      for (const reduction of [true, false]) {
        const report = await explore(system, [], { reduction, shortest: false })
        expect(report.exhaustive).toBe(true)
        expect(told(report.findings), `reduction ${reduction}`).toEqual(races)
        if (report.reduction === 'on') seen.on++
        for (const { kind, title, schedule } of report.findings)
          if (kind === 'data-race')
            expect(
              replay(system, schedule)
                .steps.at(-1)!
                .findings.map((each) => each.title),
            ).toContain(title)
      }
      if (races.length > 0) seen.racy++
      else seen.free++
    }),
    { numRuns: 150 },
  )
  // Otherwise nothing was put to the test.
  expect(Math.min(seen.racy, seen.free)).toBeGreaterThan(15)
  expect(seen.on).toBeGreaterThan(100)
})
