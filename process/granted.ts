/** What was taken for granted because nobody has said otherwise: told where something is wrong, for it may be no more than that. */
import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import type { Report } from '../explore/outcome/report.ts'
import type { Outside } from './describe.ts'
import type { Met } from './unmet.ts'
import { sendingsOf } from './users.ts'

export const grantedIn = (
  { findings }: Pick<Report, 'findings'>,
  outside: Outside,
  met: Met,
  logic: AnyActorLogic,
): readonly string[] => {
  if (findings.length === 0) return []
  const isUncaught = findings.some(({ kind }) => kind === 'uncaught')
  const sent = outside.events === undefined ? sendingsOf(logic, outside).map(({ event }) => event.type) : []
  const both = sent.filter((type) => met.told.has(type))
  return [
    ...(both.length > 0 ? [fromUsers(both, sent)] : []),
    ...(isUncaught ? [...met.unsaid].map(withoutAnswer) : []),
    ...(outside.events === undefined ? firsts(met.machines).flatMap(([to, machine]) => unsent(machine, to, met)) : []),
  ]
}

/** Any event that a machine names may come from a user, if nobody says what users send. */
const fromUsers = (both: readonly string[], sent: readonly string[]): string => {
  const rest = sent.filter((type) => !both.includes(type)).map((type) => `'${type}'`)
  return `Users sent ${both.join(', ')} as well, which children send. If they do not: system(machine, { events: [${rest.join(', ')}] }).`
}

const withoutAnswer = (src: string): string =>
  `Nobody has said what ${src} resolves to, so it was nothing: system(machine, { answers: { ${keyOf(src)}: { resolves: [ … ], rejects: ['no'] } } }).`

/** Of each machine one actor. */
const firsts = (machines: Met['machines']): readonly (readonly [string, AnyStateMachine])[] => {
  const all = [...machines]
  return all.filter(([, machine], at) => all.findIndex((each) => each[1] === machine) === at)
}

/** Of nobody else's events is it known who sends them. */
const unsent = (machine: AnyStateMachine, to: string, met: Met): readonly string[] => {
  const types = (machine.events as readonly string[])
    .filter((type) => !type.startsWith('xstate.') && !type.includes('*') && !met.events.has(type))
    .toSorted()
  if (types.length === 0) return []
  return [
    `Never sent to ${to}: ${types.join(', ')}. If users do: system(machine, { events: [ …, { send: '${types[0]}', to: '${to}' }] }).`,
  ]
}

const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
