/** Orders of locks in the kernel's own words: what a reader of splats knows where to find. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { lockdep, lockdepOf } from '../../explore/locks/lockdep.ts'
import type { Report, Schedule } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import { lockOrderDiagram, lockOrderDot } from '../../report/formats/lock-order.ts'
import { lockdepDocument, lockdepVerdict, tellLockdep, type LockdepSubject } from '../../report/lockdep-text.ts'
import { makePage } from '../../report/style.ts'
import { tellReport, type Subject } from '../../report/text.ts'
import { findScenario } from '../../scenarios/index.ts'
import { graphviz } from '../graphviz.ts'
import { expectations } from '../scenarios/each.ts'
import { explored } from '../scenarios/explored.ts'
import { diningPhilosophers } from '../toys/dining-philosophers.ts'
import * as lockOrders from '../toys/lock-orders.ts'

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => [...line].length))

const subjectOf = (system: System<any>, report: Report, of = system.name): LockdepSubject => ({
  of,
  fingerprint: system.fingerprint,
  order: lockdepOf(report, (schedule) => replay(system, schedule)),
  report,
  traceOf: (schedule: Schedule) => replay(system, schedule),
  addressOf: (schedule: Schedule) => `${of}@${system.fingerprint}:${schedule.join('.')}`,
})

const told = async (system: System<any>): Promise<string> =>
  tellLockdep(subjectOf(system, await explore(system)), makePage({ columns: 80 }))

/** Between the rulers. */
const splats = (text: string): readonly string[] =>
  [...text.matchAll(/^={66}\n(.*?)\n={66}$/gms)].map(([, body = '']) => body)

const staleDma = findScenario('stale-dma')!
const choices = { unmap: 'device-list', tasks: 1 } as const
const system = staleDma.system(choices)

test('one task of device-list: both stacks of its one run, in the shape of a kernel splat', async () => {
  const report = await explore(system, staleDma.properties(choices))
  const subject: Subject = {
    scenario: 'stale-dma',
    choices,
    report,
    traceOf: (schedule) => replay(system, schedule),
  }
  const text = tellReport(subject, makePage({ columns: 80 }))
  const [splat = ''] = splats(text)
  expect(splat.replaceAll(system.fingerprint, 'abcd')).toMatchInlineSnapshot(`
    "BUG: relock: lock-order: iommu->device_list_lock → iommu->lock →
      iommu->device_list_lock

    WARNING: possible circular locking dependency detected
    relock stale-dma #abcd unmap=device-list,tasks=1
    ------------------------------------------------------
    vmm0 is trying to acquire lock:
    iommu.lock (iommu->lock){+.+.}-{4:4}, at: unpin, step 25

    but task is already holding lock:
    device_list.lock (iommu->device_list_lock){+.+.}-{4:4}, at: notify, step 12

    which lock already depends on the new lock.

    the existing dependency chain (in reverse order) is:

    -> #1 (iommu->device_list_lock){+.+.}-{4:4}:
           mutex_lock            step 12
           notify                step 9
           unmap                 step 2
           vmm0                  step 1

    -> #0 (iommu->lock){+.+.}-{4:4}:
           mutex_lock            step 25, asked for
           unpin                 step 25
           dma_unmap [mdev0]     step 20
           notify                step 9
           unmap                 step 2
           vmm0                  step 1

    other info that might help us debug this:

     vmm0 held iommu.lock (since step 3) and took device_list.lock at step 12
     vmm0 held device_list.lock (since step 12) and asked for iommu.lock at step 25

     Possible unsafe locking scenario:

           CPU0                    CPU1
           ----                    ----
      lock(iommu->device_list_lock);
                                   lock(iommu->lock);
                                   lock(iommu->device_list_lock);
      lock(iommu->lock);

     *** DEADLOCK ***

    2 locks held by vmm0:
     #0: device_list.lock (iommu->device_list_lock){+.+.}-{4:4}, at: notify, step 12
     #1: mdev0.lock (mdev0.lock){+.+.}-{4:4}, at: dma_unmap [mdev0], step 21"
  `)
})

test('recursive locking: one column, and whether the two are one lock', async () => {
  const [splat = ''] = splats(await told(lockOrders.sameClass()))
  expect(splat).toMatchInlineSnapshot(`
    "BUG: relock: lock-order: recursive locking of inode

    WARNING: possible recursive locking detected
    relock same class #lo1
    ------------------------------------------------------
    t0 is trying to acquire lock:
    child (inode){+.+.}-{0:0}, at: t0, step 3

    but task is already holding lock:
    parent (inode){+.+.}-{0:0}, at: t0, step 2

    other info that might help us debug this:

     t0 held parent (since step 2) and asked for child at step 3

     Possible unsafe locking scenario:

           CPU0
           ----
      lock(inode);
      lock(inode);

     *** DEADLOCK ***

     May be due to missing lock nesting notation

    1 lock held by t0:
     #0: parent (inode){+.+.}-{0:0}, at: t0, step 2

    stack backtrace:
           mutex_lock            step 3, asked for
           t0                    step 1"
  `)
  const [self = ''] = splats(await told(lockOrders.selfDeadlock()))
  expect(self).toContain('t0 held a (since step 2) and asked for it again at step 3')
  expect(self).toContain('It is the same lock')
  expect(self).not.toContain('May be due to missing lock nesting notation')
})

test('a circle of three: the chain is named, and every link has its stack', async () => {
  const [splat = ''] = splats(await told(diningPhilosophers(3)))
  expect(splat).toMatch(/-> #2 .*-> #1 .*-> #0 /s)
  const [, chain = ''] = /Chain exists of:\n {2}(.*)\n/.exec(splat) ?? []
  expect(chain.split(' --> ').toSorted()).toEqual(['fork0', 'fork1', 'fork2'])
  // CPU0 holds what ends the chain and asks for what begins it; CPU1 has the link before the end.
  const [first, middle, last] = chain.split(' --> ')
  const indent = ' '.repeat(31)
  expect(splat).toContain(
    [`  lock(${last});`, `${indent}lock(${middle});`, `${indent}lock(${last});`, `  lock(${first});`].join('\n'),
  )
})

test('two orders in two runs: each stack is of its own run, and both runs can be replayed', async () => {
  const text = await told(lockOrders.eitherWay())
  expect(text).toMatch(/-> #1 [^>]*\n {7}in another run\n\n-> #0/)
  const addresses = [...text.matchAll(/npx relock replay either way@lo1:([\d.]+)|'either way@lo1:([\d.]+)'/g)]
  const runs = addresses.map(([, bare, quoted]) => (bare ?? quoted ?? '').split('.').map(Number))
  expect(runs).toHaveLength(2)
  const edges = runs.flatMap((schedule) => lockdep(replay(lockOrders.eitherWay(), schedule)).edges)
  expect(edges.map(({ from, to }) => `${from} → ${to}`).toSorted()).toEqual(['a → b', 'b → a'])
})

test('a report tells of the run that it does not show', async () => {
  const toy = lockOrders.eitherWay()
  const report = await explore(toy)
  const subject: Subject = {
    scenario: 'toy',
    choices: { tasks: 1 },
    report,
    traceOf: (schedule) => replay(toy, schedule),
  }
  const text = tellReport(subject, makePage({ columns: 80 }))
  expect(text).toContain('BUG: relock: lock-order: a → b → a\n\nWARNING: possible circular locking dependency detected')
  expect(text).toContain(', in another run\n')
  expect(text).toMatch(
    /^ {2}Replay {3}npx relock replay toy,tasks=1@lo1:.*\n {2}Other {4}npx relock replay toy,tasks=1@lo1:/m,
  )
})

describe('the whole order', () => {
  test('has every edge under the class that is held, and marks those of an inversion', async () => {
    const text = await told(system)
    expect(text.slice(0, text.indexOf('='))).toMatchInlineSnapshot(`
      "✗ stale-dma   1 inversion, refuted · 3 classes, 4 edges · 1 state, all of them

        iommu->device_list_lock
          → iommu->lock             ✗ vmm0 in unpin, held in notify
          → mdev0.lock                vmm0 in dma_unmap [mdev0], held in notify

        iommu->lock
          → iommu->device_list_lock ✗ vmm0 in notify, held in unmap

        mdev0.lock
          → iommu->lock               vmm0 in unpin, held in dma_unmap [mdev0]

      "
    `)
  })

  test('tells a documented rule', async () => {
    const toy = lockOrders.family(['parent', 'child'])
    const trace = replay(toy, [0, 0, 0])
    const subject = {
      ...{ of: 'family', fingerprint: 'lo1', order: lockdep(trace) },
      ...{ addressOf: () => '', traceOf: () => trace },
    }
    expect(lockdepVerdict(subject)).toBe('holds')
    expect(tellLockdep(subject, makePage({ columns: 80 }))).toMatchInlineSnapshot(`
      "✓ family   no inversion · 1 class, 1 edge · one run

        inode
          → inode   nested: the parent before the child
      "
    `)
  })

  test('of nothing says so', async () => {
    expect(await told(lockOrders.oneAfterTheOther())).toContain('No lock was asked for while another was held.')
  })

  test('is undecided when the search was cut short and nothing is wrong so far', async () => {
    const toy = diningPhilosophers(3, { leftHanded: true })
    const report = await explore(toy, [], { within: { states: 10 } })
    expect(lockdepVerdict(subjectOf(toy, report))).toBe('undecided')
    expect(tellLockdep(subjectOf(toy, report), makePage({ columns: 80 }))).toMatch(/^~ .*no inversion so far/)
  })

  test('as a document has the stacks and an address for every edge', async () => {
    const document = JSON.parse(JSON.stringify(lockdepDocument(subjectOf(system, await explore(system), 'x')))) as any
    expect(document).toMatchObject({ version: 1, verdict: 'violated', exhaustive: true, nested: [] })
    expect(document.edges).toHaveLength(4)
    for (const edge of document.edges) {
      expect(edge.address).toMatch(/^x@/)
      expect(edge.asked.stack.length).toBeGreaterThan(1)
    }
    expect(document.inversions[0].closing).toEqual({ from: 'iommu->device_list_lock', to: 'iommu->lock' })
  })

  test('as a picture is what Graphviz and Mermaid take', async () => {
    const { order } = subjectOf(system, await explore(system))
    const { status, errors } = graphviz.render(lockOrderDot(order, 'stale-dma'))
    expect({ status, errors }).toEqual({ status: 'success', errors: [] })
    expect(lockOrderDiagram(order)).toMatchInlineSnapshot(`
      "flowchart LR
        L0["iommu->device_list_lock"]
        L1["iommu->lock"]
        L2["mdev0.lock"]
        L1 -->|"vmm0"| L0
        L0 -->|"vmm0"| L2
        L0 -->|"vmm0"| L1
        L2 -->|"vmm0"| L1
        linkStyle 0,2 stroke:red,stroke-width:2px
      "
    `)
  })
})

/** Everything in which some order is not kept. */
const wrong = expectations.filter(({ expected }) =>
  expected.findings.some((title) => /^lock order|^recursive/.test(title)),
)

test.each(wrong)('$title fits the page, in ASCII too', async ({ scenario, choices: chosen }) => {
  const subject = subjectOf(scenario.system(chosen), await explored(scenario, chosen), scenario.name)
  for (const [columns, ascii] of [
    [80, false],
    [80, true],
    [52, false],
  ] as const) {
    const text = tellLockdep(subject, makePage({ columns, ascii }))
    expect(longest(text)).toBeLessThanOrEqual(columns)
    expect(text).not.toMatch(/undefined|[ \t]$/m)
    if (ascii) expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  }
  expect(splats(tellLockdep(subject, makePage({ columns: 80 })))).toHaveLength(subject.order.inversions.length)
})
