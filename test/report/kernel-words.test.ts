/** Every message that reaches an object of a built-in story has a word for people; names of steps stay what they are. */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import { mutex } from '../../machines/kernel/locks/mutex.ts'
import { rwsem } from '../../machines/kernel/locks/rwsem.ts'
import { slab } from '../../machines/kernel/heap/slab.ts'
import { kernelWord } from '../../report/kernel-words.ts'
import { makePage } from '../../report/style.ts'
import { tellRun } from '../../report/text.ts'
import { decided, formsOf } from '../../scenarios/choices.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { iommufdProcedures } from '../../scenarios/iommufd/index.ts'
import { ownRaces } from '../../scenarios/own-races/index.ts'

const heardIn = (node: AnyStateNode): readonly string[] => [
  ...Object.keys(node.on),
  ...Object.values(node.states).flatMap((state) => heardIn(state as AnyStateNode)),
]

/** Told by their own verbs, and as C touches memory. */
const bySomebodyElse: readonly AnyStateMachine[] = [mutex, rwsem, slab]

/** Objects with what they hear, in every form of every story; procedures in the kernel's words say their own. */
const heard = (): ReadonlySet<string> => {
  const all = new Set<string>()
  for (const scenario of scenarios.filter((each) => ![...ownRaces, ...iommufdProcedures].includes(each)))
    for (const form of formsOf(scenario))
      for (const { id, machine, thread } of scenario.world(decided(scenario.choices, form)).actors)
        if (thread === undefined && !bySomebodyElse.includes(machine))
          for (const type of heardIn(machine.root)) all.add(`${id} ${type}`)
  return all
}

test('all of them have one', () => {
  const nameless = [...heard()].filter((each) => {
    const [id = '', type = ''] = each.split(' ')
    return kernelWord(id, type) === undefined
  })
  expect([...new Set(nameless.map((each) => each.replaceAll(/\d+/g, 'N')))]).toEqual([])
})

test('somebody else’s message keeps its name', () => {
  expect(kernelWord('counter', 'FIND')).toBeUndefined()
  expect(kernelWord('type1', 'TOSS')).toBeUndefined()
})

const runOf = (name: string) => {
  const scenario = findScenario(name)!
  const system = scenario.system(scenario.choices.default)
  const trace = replay(
    system,
    Array.from({ length: 60 }, () => 0),
  )
  return { trace, told: tellRun(trace, makePage(), { intro: 'The run', all: true }).join('\n') }
}

test('steps are named by their messages, rows by functions', () => {
  const { trace, told } = runOf('stale-dma')
  expect(trace.steps.flatMap(({ possible }) => possible)).toContain('vmm0/unmap → type1 FIND')
  expect(told).toContain('─ vfio_find_dma ─')
  expect(told).not.toMatch(/\bFIND\b|\bCHECK\b|\bPINS_IN\b/)
})

test('stories of shared virtual memory are told in values that fit a line', () => {
  for (const name of ['failed-unbind', 'last-domain', 'partial-group', 'svm-errnos']) {
    const { told } = runOf(name)
    expect(told).not.toMatch(/\{|\b(?:ADD|SET|USE|ALLOC|OF_MM|SET_ENTRY|FIND)\b/)
  }
})
