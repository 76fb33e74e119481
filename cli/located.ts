/** A run that was found before, by its address or in a saved file; and what is wrong in it. */
import { existsSync } from 'node:fs'
import { replay } from '../explore/index.ts'
import type { System } from '../explore/system.ts'
import { choicesOf, type Trace } from '../explore/runs/trace.ts'
import { parseAddress, printSchedule, type Address } from '../report/address.ts'
import { brokenClaims } from '../report/claims.ts'
import * as errors from '../report/errors.ts'
import { followed, type Followed } from '../explore/runs/follow.ts'
import { tellFollowed } from '../report/followed-text.ts'
import { readTraceJson, stepNames, type ReadRun } from '../report/formats/json.ts'
import { runFileOf, savedRun } from '../report/save.ts'
import { wrongIn, type Wrong } from '../report/sides.ts'
import type { Choices } from '../scenarios/choices.ts'
import { builtInScenario } from './built-in.ts'
import type { Scenario } from '../scenarios/unmap/scenario.ts'
import type { Desk } from './desk.ts'
import { permit, type Permission } from './permit.ts'
import { read } from './read.ts'
import { chosen, isPath, scenarioNamed } from './subject.ts'

export interface Located {
  readonly address: Address
  readonly scenario: Scenario
  readonly choices: Choices
  readonly system: System<any>
  readonly trace: Trace
  /** What became of it, where the model is not the one that it was recorded on. */
  readonly followed?: Followed
}

/** The run at an address or in a saved file (or the folder of one, or that folder's name), on the model as it is now. Throws a UserError where that has no such run. */
export const locate = async (text: string, permission: Permission, desk: Desk): Promise<Located> => {
  const located = await lookFor(text, permission, desk)
  if (located.followed?.outcome === 'impossible') throw errors.noRunAnyMore(tellFollowed(located.followed, 76), text)
  return located
}

/** The same; where the model has no such run, as much of it as can be made. */
export const lookFor = async (typed: string, permission: Permission, desk: Desk): Promise<Located> => {
  const text = runFileOf(typed) ?? typed
  const isFile = existsSync(text)
  if (!isFile && !text.includes('@')) {
    // Half an address has its @; without one it is a name, or a file that is not there.
    if (text.endsWith('.json')) throw errors.unreadable(text, 'There is no such file.')
    throw errors.notARun(text, (await builtInScenario(text)) !== undefined)
  }
  const file = isFile ? readTraceJson(read(text), text) : undefined
  const given = file ?? parseAddress(text)
  if (isPath(given.scenario)) permit(given.scenario, permission, desk)
  const scenario = await scenarioNamed(given.scenario, desk)
  const choices = chosen(given.scenario, scenario, given.choices)
  // In the order of the scenario, whatever the order in which they were typed.
  const named = Object.keys(choices).filter((name) => Object.hasOwn(given.choices, name))
  const address = {
    scenario: given.scenario,
    choices: Object.fromEntries(named.map((name) => [name, given.choices[name]])),
    fingerprint: given.fingerprint,
    schedule: given.schedule,
  }
  const system = scenario.system(choices)
  const of = { scenario, choices, system }
  const kept = (): ReadRun | undefined => file ?? keptRun(address, choices)
  if (address.fingerprint === system.fingerprint) {
    const trace = sameRun(system, address, kept)
    if (trace) return { ...of, address, trace }
  }
  const recorded = kept()
  if (recorded === undefined) throw errors.otherModel(address.fingerprint, system.fingerprint)
  const { shows } = recorded
  const properties = scenario.properties(choices)
  const now = followed(system, recorded.recorded, { properties, ...(shows !== undefined && { shows }) })
  const schedule = choicesOf(now.trace)
  // The run is as good as ever, and gets an address of its own.
  return {
    ...of,
    address: { ...address, fingerprint: system.fingerprint, schedule },
    trace: now.trace,
    followed: now,
  }
}

const keptRun = (address: Address, choices: Choices): ReadRun | undefined => {
  const run = savedRun({ ...address, choices })?.run
  return run && printSchedule(run.schedule) === printSchedule(address.schedule) ? run : undefined
}

/** A fingerprint knows nothing of what functions do: undefined where they do something else by now, and it is known what they did. */
const sameRun = (system: System<any>, { schedule }: Address, kept: () => ReadRun | undefined): Trace | undefined => {
  let trace: Trace
  try {
    trace = replay(system, schedule)
  } catch (error) {
    if (errors.isModelComplaint(error) && error.problem === 'bad-schedule' && kept()) return undefined
    throw error
  }
  const names = stepNames(trace)
  return kept()?.names.some((name, at) => name !== names[at]) ? undefined : trace
}

export const whatIsWrong = ({
  scenario,
  choices,
  system,
  trace,
}: Pick<Located, 'scenario' | 'choices' | 'system' | 'trace'>): { trace: Trace; wrong: Wrong | undefined } => {
  // A run may break several claims on its way; it is kept for the one that its last step breaks.
  const claims = brokenClaims(system, scenario.properties(choices), trace)
  const claim = claims.find(({ at }) => at === trace.steps.length) ?? claims.toSorted((a, b) => a.at - b.at)[0]
  const wrong = wrongIn(trace)
  if (wrong && !(wrong.what === 'finding' && claim && claim.at === trace.steps.length && wrong.at < claim.at))
    return { trace, wrong }
  if (claim || !trace.steps.at(-1)?.ignored) return { trace, wrong: claim }
  const strict = replay(system, choicesOf(trace), { ignored: 'fail' })
  return { trace: strict, wrong: wrongIn(strict) }
}
