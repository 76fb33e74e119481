/** A report or a run that a test holds in its hands, as the words of reports want it: with the system in which its runs are made again. */
import { worldOf } from '../actors/running/system.ts'
import type { World } from '../actors/world/world.ts'
import { replay } from '../explore/index.ts'
import { originOf } from '../explore/runs/origin.ts'
import type { Report, Schedule } from '../explore/outcome/report.ts'
import type { System } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import { printAddress, printSchedule, type Address } from '../report/address.ts'
import { shellWord, type Subject } from '../report/text.ts'
import { isBuiltIn } from '../scenarios/known.ts'
import { toldAs } from '../scenarios/told.ts'

export interface Told {
  readonly system: System<any>
  readonly world: World<any> | undefined
  /** A scenario's name, or the world's. */
  readonly scenario: string
  readonly choices: Address['choices']
  /** What is typed or written to make a run again. */
  readonly again: (schedule: Schedule) => string
}

/** What makes a run again: a command where the program knows the story, otherwise a line of the test. */
const againOf = (fingerprint: string, told: Pick<Told, 'scenario' | 'choices'>, schedule: Schedule): string =>
  isBuiltIn(told.scenario)
    ? `npx relock replay ${shellWord(printAddress({ ...told, fingerprint, schedule }))}`
    : `replay(world, '${printSchedule(schedule)}')`

/** Undefined of what no search and no replay of this program made, or of a copy of it. */
export const toldOf = (of: Report | Trace): Told | undefined => {
  const system = originOf(of)
  if (system === undefined) return undefined
  const world = worldOf(system)
  const { scenario = system.name, choices = {} } = (world && toldAs(world)) ?? {}
  const again = (schedule: Schedule): string => againOf(of.fingerprint, { scenario, choices }, schedule)
  return { system, world, scenario, choices, again }
}

export const subjectIn = (
  report: Report,
  { system, scenario, choices, again }: Told,
): Subject & { readonly system: System<any> } => ({
  scenario,
  choices,
  report,
  system,
  inTest: again,
  traceOf: (schedule) => replay(system, schedule),
})
