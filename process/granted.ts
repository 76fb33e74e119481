/** What was taken for granted because nobody has said otherwise: told where something is wrong, for it may be no more than that. */
import type { AnyStateMachine } from 'xstate'
import type { Report } from '../explore/report.ts'
import type { Outside } from './describe.ts'
import type { Met } from './unmet.ts'

export const grantedIn = ({ findings }: Pick<Report, 'findings'>, outside: Outside, met: Met): readonly string[] => {
  const isUncaught = findings.some(({ kind }) => kind === 'uncaught')
  return [
    ...(isUncaught ? [...met.unsaid].map(withoutAnswer) : []),
    ...(outside.events === undefined ? [...met.machines].flatMap(([machine, to]) => unsent(machine, to, met)) : []),
  ]
}

const withoutAnswer = (src: string): string =>
  `Nobody has said what ${src} resolves to, so it was nothing: system(machine, { answers: { ${keyOf(src)}: { resolves: [ … ], rejects: ['no'] } } }).`

/** Of nobody else's events is it known who sends them. */
const unsent = (machine: AnyStateMachine, to: string, met: Met): readonly string[] => {
  const types = (machine.events as readonly string[])
    .filter((type) => !type.startsWith('xstate.') && !type.includes('*') && !met.events.has(type))
    .toSorted()
  if (types.length === 0) return []
  return [
    `Nobody sends ${to} ${types.join(', ')}. If users do: system(machine, { events: [ …, { send: '${types[0]}', to: '${to}' }] }).`,
  ]
}

const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
