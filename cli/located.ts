/** A run that was found before, by its address or in a saved file; and what is wrong in it. */
import { existsSync } from 'node:fs'
import { replay } from '../explore/index.ts'
import type { System } from '../explore/system.ts'
import type { Trace } from '../explore/trace.ts'
import { parseAddress, type Address } from '../report/address.ts'
import { brokenClaims } from '../report/claims.ts'
import * as errors from '../report/errors.ts'
import { checkNames, fittingTrace, recordedElsewhere } from '../report/follow.ts'
import { readTraceJson } from '../report/formats/json.ts'
import { savedRun } from '../report/save.ts'
import { wrongIn, type Wrong } from '../report/sides.ts'
import type { Choices } from '../scenarios/choices.ts'
import { builtInScenario } from './built-in.ts'
import type { Scenario } from '../scenarios/scenario.ts'
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
}

/** The run at an address or in a saved file, on the model as it is now. */
export const locate = async (text: string, permission: Permission, desk: Desk): Promise<Located> => {
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
  const address = { ...given, choices: Object.fromEntries(named.map((name) => [name, given.choices[name]])) }
  const system = scenario.system(choices)
  const again = (schedule: readonly number[] | readonly string[]): Trace => replay(system, schedule)
  if (address.fingerprint === system.fingerprint) {
    const trace = again(address.schedule)
    if (file) checkNames(file.names, trace, text)
    return { address, scenario, choices, system, trace }
  }
  const kept = file ? { path: text, run: file } : savedRun({ ...address, choices })
  const trace = file && fittingTrace(file.names, again)
  // By name to the very end: then the run is as good as ever, and gets an address of its own.
  if (!trace || trace.steps.length < file.names.length)
    throw recordedElsewhere(address, system.fingerprint, kept, again)
  const schedule = trace.steps.map(({ choice }) => choice)
  return { address: { ...address, fingerprint: system.fingerprint, schedule }, scenario, choices, system, trace }
}

export const whatIsWrong = ({
  scenario,
  choices,
  system,
  trace,
}: Located): { trace: Trace; wrong: Wrong | undefined } => {
  // A run may break several claims on its way; it is kept for the one that its last step breaks.
  const claims = brokenClaims(system, scenario.properties(choices), trace)
  const claim = claims.find(({ at }) => at === trace.steps.length) ?? claims.toSorted((a, b) => a.at - b.at)[0]
  const wrong = wrongIn(trace)
  if (wrong && !(wrong.what === 'finding' && claim && claim.at === trace.steps.length && wrong.at < claim.at))
    return { trace, wrong }
  if (claim || !trace.steps.at(-1)?.ignored) return { trace, wrong: claim }
  const strict = replay(
    system,
    trace.steps.map(({ choice }) => choice),
    { ignored: 'fail' },
  )
  return { trace: strict, wrong: wrongIn(strict) }
}
