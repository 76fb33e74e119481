/** Data races on one processor: what runs with interrupts, softirqs or preemption off is ordered against what comes there meanwhile, or after it. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  field,
  kernel,
  local_bh_disable,
  local_bh_enable,
  local_irq_disable,
  local_irq_enable,
  preempt_disable,
  preempt_enable,
  procedure,
  raise_softirq,
  read,
  softirq,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
  spinlock,
  tasklet_schedule,
  tasklet_struct,
  write,
  type KernelDescription,
  type Step,
} from '../../kernel/index.ts'

interface Locals {
  readonly v: number
  readonly flags: number
}
type Steps = readonly Step<Locals>[]

const [x, s] = [field('x', 0), spinlock('s')]
const run = (name: string, ...steps: Steps) => procedure(name, { v: 0, flags: 0 }, steps)
const [reads, writes]: Steps = [read(x, 'v'), write(x, 1)]

/** Data races of a complete search, the same with and without reduction. */
async function races(world: KernelDescription): Promise<readonly string[]> {
  const titles = [true, false].map(async (reduction) => {
    const { exhaustive, findings } = await explore(kernel(world), [], { reduction })
    expect(exhaustive).toBe(true)
    return findings.filter(({ kind }) => kind === 'data-race').map(({ title }) => title)
  })
  const [reduced, full] = await Promise.all(titles)
  expect(reduced!.toSorted()).toEqual(full!.toSorted())
  return reduced!
}

const irqsOff = (...steps: Steps): Steps => [local_irq_disable(), ...steps, local_irq_enable()]
const saved = (...steps: Steps): Steps => [spin_lock_irqsave(s, 'flags'), ...steps, spin_unlock_irqrestore(s, 'flags')]
const bhOff = (...steps: Steps): Steps => [local_bh_disable(), ...steps, local_bh_enable()]
const preemptOff = (...steps: Steps): Steps => [preempt_disable(), ...steps, preempt_enable()]

describe('a thread and the handler of an interrupt', () => {
  const beside = (steps: Steps, on = 'cpu0') =>
    races({
      threads: { a: { run: run('thread', ...steps), on } },
      interrupts: { nic: { on: 'cpu0', handler: run('handler', writes!) } },
    })
  const raced = ['data-race in handler / thread']
  test.each([
    ['interrupts on', [reads!], raced],
    ['interrupts off', irqsOff(reads!), []],
    ['interrupts off with a lock that the handler does not take', saved(reads!), []],
    ['interrupts off too late', [reads!, ...irqsOff()], raced],
    ['interrupts on too early', [...irqsOff(), reads!], raced],
    ['softirqs off', bhOff(reads!), raced],
    ['preemption off', preemptOff(reads!), raced],
    ['interrupts off, with softirqs and preemption off around it', bhOff(...preemptOff(...irqsOff(reads!))), []],
  ] satisfies [string, Steps, readonly string[]][])('%s', async (_, steps, found) => {
    expect(await beside(steps)).toEqual(found)
  })

  test('on another processor', async () => {
    expect(await beside(irqsOff(reads!), 'cpu1')).toEqual(raced)
  })

  test('two handlers of one processor are none while the other runs', async () => {
    const handlers = (...on: readonly string[]) =>
      races({
        threads: { a: run('idle', read(field('y', 0), 'v')) },
        interrupts: Object.fromEntries(
          on.map((cpu, n) => [`irq${n}`, { on: cpu, handler: run(`handler${n}`, reads!, writes!) }] as const),
        ),
      })
    expect(await handlers('cpu0', 'cpu0')).toEqual([])
    expect(await handlers('cpu0', 'cpu1')).toEqual(['data-race in handler0 / handler1'])
  })

  test('what was done with interrupts off is known to who comes after the handler', async () => {
    // The handler hands on by a release what it has from the thread.
    const other = run('other', spin_lock(s), reads!, spin_unlock(s))
    const handler = run('handler', spin_lock(s), spin_unlock(s))
    const found = await races({
      threads: { a: { run: run('thread', ...irqsOff(writes!)), on: 'cpu0' }, b: other },
      interrupts: { nic: { on: 'cpu0', handler } },
    })
    expect(found).toEqual(['data-race in other / thread'])
  })
})

describe('a thread and a softirq or tasklet of its processor', () => {
  const beside = (steps: Steps, ...inside: Steps) => {
    const [soft, tasklet] = [
      softirq('soft', run('action', ...inside), { on: 'cpu0' }),
      tasklet_struct('let', run('called', ...inside), { on: 'cpu0' }),
    ]
    const with_ = (raise: Step<Locals>) =>
      races({ threads: { a: { run: run('thread', ...steps), on: 'cpu0' }, b: run('raises', raise) } })
    return Promise.all([with_(raise_softirq(soft)), with_(tasklet_schedule(tasklet))])
  }
  const raced = [['data-race in action / thread'], ['data-race in called / thread']]
  test.each([
    ['softirqs on', [reads!], raced],
    ['softirqs off', bhOff(reads!), [[], []]],
    ['interrupts off', irqsOff(reads!), [[], []]],
    ['softirqs off with a lock that the softirq does not take', [spin_lock_bh(s), reads!, spin_unlock_bh(s)], [[], []]],
    ['preemption off', preemptOff(reads!), raced],
    ['softirqs on too early', [...bhOff(), reads!], raced],
  ] satisfies [string, Steps, readonly (readonly string[])[]][])('%s', async (_, steps, found) => {
    expect(await beside(steps, writes!)).toEqual(found)
  })

  test('that has waited for its lock with softirqs off', async () => {
    const soft = softirq('soft', run('action', writes!), { on: 'cpu0' })
    const found = await races({
      threads: {
        a: { run: run('thread', spin_lock_bh(s), reads!, spin_unlock_bh(s)), on: 'cpu0' },
        b: run('raises', spin_lock_bh(s), spin_unlock_bh(s), raise_softirq(soft)),
      },
    })
    expect(found).toEqual([])
  })

  test('a softirq and a handler: with interrupts off it is ordered, with interrupts on it is not', async () => {
    const both = (...steps: Steps) => {
      const soft = softirq('soft', run('action', ...steps), { on: 'cpu0' })
      return races({
        threads: { a: { run: run('raises', raise_softirq(soft)), on: 'cpu1' } },
        interrupts: { nic: { on: 'cpu0', handler: run('handler', writes!) } },
      })
    }
    expect(await both(reads!)).toEqual(['data-race in action / handler'])
    expect(await both(...irqsOff(reads!))).toEqual([])
  })
})

describe('two threads of one processor', () => {
  const two = (one: Steps, other: Steps, ...on: readonly string[]) =>
    races({
      threads: Object.fromEntries(
        [one, other].map((steps, n) => [`t${n}`, { run: run(`p${n}`, ...steps), on: on[n] ?? 'cpu0' }] as const),
      ),
    })
  const raced = ['data-race in p0 / p1']
  test.each([
    ['preemption on', [reads!], [writes!], raced],
    ['one with preemption off: it comes in the middle of the other', preemptOff(reads!), [writes!], raced],
    ['both with preemption off', preemptOff(reads!), preemptOff(writes!), []],
    ['one with softirqs off, one with interrupts off', bhOff(reads!), irqsOff(writes!), []],
  ] satisfies [string, Steps, Steps, readonly string[]][])('%s', async (_, one, other, found) => {
    expect(await two(one, other)).toEqual(found)
  })

  test('of two processors are not ordered by it', async () => {
    expect(await two(preemptOff(reads!), preemptOff(writes!), 'cpu0', 'cpu1')).toEqual(raced)
  })
})
