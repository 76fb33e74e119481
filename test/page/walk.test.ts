/** The page takes turns as the checker does: what it carries of a model says the same of every run that stays within. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { changes } from '../../report/changes.ts'
import { Book } from '../../page/make/book.ts'
import { relations } from '../../page/walk/causes.ts'
import { Machine } from '../../page/walk/machine.ts'
import { follow, endOf } from '../../page/walk/run.ts'
import { saidOf, turnWords } from '../../page/walk/said.ts'
import { firstView, readView, writeView, type View } from '../../page/walk/view.ts'
import { findScenario } from '../../scenarios/index.ts'
import { toys } from '../toys/all.ts'

const scenarios = ['open-close-deadlock', 'stale-dma', 'late-pin'].map((name) => {
  const scenario = findScenario(name)!
  return { name, system: scenario.system(scenario.choices.default) }
})
const systems = [...toys.map(({ system }) => ({ name: system.name, system })), ...scenarios]

const pageOf = (system: (typeof systems)[number]['system'], schedule: readonly number[] = []) => {
  const book = new Book()
  book.run({ trace: replay(system, schedule), wrong: undefined, title: 'it', address: 'it@0:' }, system)
  const data = book.data('replay it')
  return { data, machine: new Machine(data.models[0]!) }
}

describe.each(systems)('$name', ({ system }) => {
  const { data, machine } = pageOf(system)

  test('takes any turns in the page as in the checker', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 80 }), (dice) => {
        const choices: number[] = []
        for (const die of dice) {
          const { next } = follow(data, data.runs[0]!, machine, { after: 0, choices })
          if (!next || next.length === 0) break
          choices.push(die % next.length)
        }
        const run = follow(data, data.runs[0]!, machine, { after: 0, choices })
        const trace = replay(system, choices)
        expect(run.steps.map(({ sentAt }) => sentAt)).toEqual(trace.steps.map(({ sentAt }) => sentAt))
        expect(run.steps.map(({ entry: { changes = [] } }) => changes.map((text) => data.texts[text]!))).toEqual(
          trace.steps.map(({ before, after }) => changes(before, after).flatMap(({ path, text }) => [path, text])),
        )
        const end = endOf(run)
        if (end !== 'unknown') expect(end).toBe(trace.end)
      }),
      { numRuns: 20 },
    )
  })

  test('names what is possible in the order in which choices count', () => {
    const { next } = follow(data, data.runs[0]!, machine)
    const [first] = replay(system, [0]).steps
    const names = next!.map((turn) => turnWords(data, machine, turn).split(':')[0]!.replace('from outside', 'env'))
    expect(names).toEqual(first!.possible.map((name) => name.split(' ').slice(0, 3).join(' ')))
  })
})

test('a small model is carried whole', async () => {
  const whole = toys.filter(({ system }) => pageOf(system).data.models[0]!.whole).map(({ system }) => system.name)
  expect(whole).toContain(toys[0]!.system.name)
  const { system } = scenarios[0]!
  const { findings } = await explore(system)
  expect(findings.length).toBeGreaterThan(0)
})

test('what nothing orders may change places, and what is ordered may not', () => {
  const { system } = scenarios[1]!
  const { data, machine } = pageOf(system, [0, 0, 0, 0])
  const { steps } = follow(data, data.runs[0]!, machine)
  for (const { number, sentAt, before } of steps) {
    const related = relations(steps, number)
    expect(related[number]).toBe('self')
    for (const cause of [sentAt, before]) if (cause > 0) expect(related[cause]).toBe('past')
    for (const other of steps)
      expect(related[other.number] === 'past').toBe(relations(steps, other.number)[number] === 'future')
  }
})

const view: fc.Arbitrary<View> = fc.record({
  view: fc.constantFrom('verdicts', 'run', 'machine', 'locks', 'two'),
  run: fc.nat(99),
  other: fc.option(fc.nat(99), { nil: undefined }),
  step: fc.nat(9999),
  actor: fc.option(fc.string(), { nil: undefined }),
  value: fc.option(fc.string(), { nil: undefined }),
  rows: fc.constantFrom('story', 'all'),
  search: fc.string(),
  hidden: fc.array(fc.string()),
  detour: fc.option(fc.record({ after: fc.nat(99), choices: fc.array(fc.nat(9)) }), { nil: undefined }),
})

test('every view has an address, and the address leads back to it', () => {
  fc.assert(
    fc.property(view, (any) => {
      expect(readView(writeView(any))).toEqual(any)
    }),
  )
  expect(writeView(firstView)).toBe('#')
})

test('whatever stands in an address, it is a view', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readView(writeView(readView(`#${text}`)))).toEqual(readView(`#${text}`))
    }),
  )
})

test('turns are said in the kernel’s words, answers by what was asked', () => {
  const { system } = scenarios[1]!
  const { data, machine } = pageOf(system)
  const said = new Set<string>()
  for (const way of [0, 1])
    for (let taken: number[] = []; taken.length < 60;) {
      const run = follow(data, data.runs[0]!, machine, { after: 0, choices: taken })
      if (!run.next?.length) break
      for (const turn of run.next) said.add(saidOf(data, machine, turn, run.steps))
      taken = [...taken, Math.min(way, run.next.length - 1)]
    }
  expect([...said]).toEqual(
    expect.arrayContaining([
      'from outside → vmm0: START',
      'vmm0: unmap 0x1000+0x1000',
      'vmm0: lock iommu.lock',
      'vmm0: hears answer of lock from iommu.lock',
      'vmm0: vfio_find_dma at type1 0x1000+0x1000',
      'vmm0: hears answer of vfio_find_dma 0x1000+0x1000 dma0#1 pinned from type1',
    ]),
  )
  const raw = [...said].filter((words) => /\b(?:CALL|RETURN|[UN]*LOCK(?:ED)?|FOUND|FIND|CHECK(?:ED)?)\b/.test(words))
  expect(raw).toEqual([])
})
