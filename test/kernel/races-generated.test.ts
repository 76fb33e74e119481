/** Over random programs the search finds the data races that brute force finds with vector clocks, reduced or not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import {
  atomic_inc,
  atomic_t,
  cmpxchg,
  down_read,
  down_write,
  field,
  kernel,
  list_add,
  list_add_rcu,
  list_first_entry_or_null,
  list_first_or_null_rcu,
  list_for_each_entry,
  list_head,
  local_irq_disable,
  local_irq_enable,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  pointer,
  procedure,
  rcu_read_lock,
  rcu_read_unlock,
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
  steps,
  struct,
  up_read,
  up_write,
  when,
  write,
  WRITE_ONCE,
  xchg,
  type Step,
} from '../../kernel/index.ts'
import { racesOf, type Op } from './race-oracle.ts'
import { overChance } from '../chance.ts'

type Program = readonly (readonly Op[])[]

const item = struct('item', { n: 0 })
const none = pointer(item)
type Item = NonNullable<typeof none>

interface Locals {
  readonly v: number
  readonly last: boolean
  readonly it: Item | null
}

/** `interrupted`: the last is what an interrupt runs, on the processor of the first. */
const systemOf = (program: Program, interrupted = false) => {
  const [m, sem] = [mutex('m'), rw_semaphore('sem')]
  const fields = { x: field('x', 0), y: field('y', 0), f: field('f', 0), g: field('g', 0) }
  const [a, n] = [atomic_t('a', 0), refcount_t('n', 2)]
  const named = (of: string) => fields[of as keyof typeof fields]
  const list = list_head('l')
  // What is added is added once.
  const items: Record<string, Item> = {}
  const adding = (add: typeof list_add, name: string): Step<any> => {
    items[name] = object(name, item)
    return add<any>(name as never, list)
  }
  const nothing: Partial<Record<Op['op'], Step<Locals>>> = {
    irq_off: local_irq_disable(),
    irq_on: local_irq_enable(),
    list_walk: list_for_each_entry<Locals>('it', list, []),
    list_first: list_first_entry_or_null<Locals>(list, 'it'),
    list_first_rcu: steps<Locals>(rcu_read_lock(), list_first_or_null_rcu<Locals>(list, 'it'), rcu_read_unlock()),
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
  const stepsOf = (run: readonly Op[], by: string): readonly Step<Locals>[] =>
    run.map((op, at) => {
      if (op.op === 'if') {
        const before = run[at - 1]?.op ?? ''
        const decides = before === 'put' ? 'last' : before.startsWith('list') ? 'it' : 'v'
        return when<Locals>(decides, stepsOf(op.inside, `${by}_${at}`))
      }
      if (op.op === 'list_add') return adding(list_add, `${by}_${at}`)
      if (op.op === 'list_add_rcu') return adding(list_add_rcu, `${by}_${at}`)
      return nothing[op.op] ?? accesses[op.op]!((op as { readonly of: string }).of)
    })
  const runs = program.map((run, t) => stepsOf(run, `i${t}`))
  const procedures = runs.map((run, t) => procedure(`p${t}`, { v: 0, last: false, it: none, ...items }, run))
  if (!interrupted)
    return toSystem(kernel({ threads: Object.fromEntries(procedures.map((each, t) => [`t${t}`, each] as const)) }))
  const [first, ...others] = procedures
  return toSystem(
    kernel({
      threads: {
        t0: { run: first!, on: 'cpu0' },
        ...Object.fromEntries(others.slice(0, -1).map((each, t) => [`t${t + 1}`, each] as const)),
      },
      interrupts: { irq: { on: 'cpu0', handler: others.at(-1)! } },
    }),
  )
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
const onLists = ['list_add', 'list_add_rcu', 'list_walk', 'list_first', 'list_first_rcu'] as const
const op: fc.Arbitrary<readonly Op[]> = fc.oneof(
  { weight: 3, arbitrary: plain.map((each) => [each]) },
  { weight: 2, arbitrary: marked.map((each) => [each]) },
  { weight: 1, arbitrary: fence.map((each) => [each]) },
  { weight: 2, arbitrary: fc.constantFrom<readonly Op[]>(...onLists.map((each) => [{ op: each, of: 'l' } as Op])) },
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
  // What is written before it is published is read by who finds it.
  {
    weight: 2,
    arbitrary: fc
      .tuple(plain, fc.constantFrom('list_add', 'list_add_rcu'))
      .map(([each, how]) => [each, { op: how, of: 'l' }] as readonly Op[]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('list_first', 'list_first_rcu'), plain)
      .map(([how, each]) => [{ op: how, of: 'l' } as Op, { op: 'if', inside: [each] } as Op]),
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

const seen = () => ({ racy: 0, free: 0, on: 0 })

/** The search says what brute force says, with and without reduction, breadth first or not, and each race is seen again in its run. */
async function agree(program: Program, interrupted: boolean, so: ReturnType<typeof seen>): Promise<void> {
  const races = racesOf(program, interrupted)
  const system = systemOf(program, interrupted)
  // The other searches ask the same of another graph: of some programs is enough.
  const others: readonly ExploreOptions[] = [{ search: 'depth' }, { search: 'preemptions' }]
  const ways = [{}, { reduction: false }, ...(program.flat().length % 4 === 0 ? others : [])]
  for (const options of ways) {
    const report = await explore(system, [], { ...options, shortest: false })
    expect(report.exhaustive).toBe(true)
    expect(told(report.findings), JSON.stringify(options)).toEqual(races)
    if (report.reduction === 'on') so.on++
    for (const { kind, title, schedule } of report.findings)
      if (kind === 'data-race')
        expect(
          replay(system, schedule)
            .steps.at(-1)!
            .findings.map((each) => each.title),
        ).toContain(title)
  }
  if (races.length > 0) so.racy++
  else so.free++
}

test('the search finds the data races that brute force finds with vector clocks, reduced or not', async () => {
  const so = seen()
  await overChance(
    fc.asyncProperty(programs, (program) => agree(program, false, so)),
    {
      runs: 150,
      enough: () => {
        // Otherwise nothing was put to the test.
        expect(Math.min(so.racy, so.free)).toBeGreaterThan(15)
        expect(so.on).toBeGreaterThan(100)
      },
    },
  )
})

/** A thread that has interrupts off now and then, one beside it, and what an interrupt runs on the processor of the first. */
const simple = fc.oneof(
  plain.map((each): readonly Op[] => [each]),
  marked.map((each): readonly Op[] => [each]),
  fc.constantFrom<readonly Op[]>(...onLists.map((each) => [{ op: each, of: 'l' } as Op])),
)
const withoutInterrupts = fc
  .tuple(simple, fc.option(simple))
  .map(([one, other]): readonly Op[] => [{ op: 'irq_off' }, ...one, ...(other ?? []), { op: 'irq_on' }])
const interruptible = fc.array(fc.oneof(simple, withoutInterrupts), { minLength: 1, maxLength: 2 })
const interrupted = fc
  .tuple(interruptible, fc.option(simple), fc.array(simple, { minLength: 1, maxLength: 2 }))
  .map(([first, beside, handler]): Program => [first.flat(), ...(beside ? [beside] : []), handler.flat()])

test('the same of programs that are interrupted: what has interrupts off is ordered, what has them on is not', async () => {
  const so = seen()
  await overChance(
    fc.asyncProperty(interrupted, (program) => agree(program, true, so)),
    {
      runs: 60,
      enough: () => {
        expect(Math.min(so.racy, so.free)).toBeGreaterThan(8)
      },
    },
  )
})
