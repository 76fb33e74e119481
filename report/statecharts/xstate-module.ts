/**
 * A machine as a module for XState and Stately's editor: `createMachine` with all that the machine names, so that it starts by itself. No guard
 * holds, no action does anything, and no actor returns, until somebody writes what they do.
 */
import { printJson } from '../json.ts'
import { statesIn, type State } from './chart.ts'
import { machineJson } from './xstate.ts'

/** A name of a field as JavaScript has it; `__proto__` is one only in brackets. */
const field = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : `[${printJson(name).trimEnd()}]`

const isMilliseconds = (delay: string): boolean => /^\d+$/.test(delay)

const group = (name: string, names: readonly string[], stub: string): readonly string[] =>
  names.length === 0
    ? []
    : [`  ${name}: {`, ...[...new Set(names)].sort().map((each) => `    ${field(each)}: ${stub},`), '  },']

export const machineModule = (chart: State): string => {
  const states = statesIn(chart)
  const transitions = states.flatMap((state) => state.transitions)
  const guards = transitions.flatMap(({ guard }) => guard ?? [])
  const actions = [
    ...states.flatMap(({ entry, exit, start }) => [...entry, ...exit, ...(start?.actions ?? [])]),
    ...transitions.flatMap((each) => each.actions),
  ]
  const delays = transitions.flatMap(({ trigger }) =>
    trigger.kind === 'after' && !isMilliseconds(trigger.delay) ? [trigger.delay] : [],
  )
  const actors = states.flatMap(({ invokes }) => invokes.map(({ src }) => src))
  const config = printJson(machineJson(chart)).trimEnd().replaceAll('"__proto__":', '["__proto__"]:')
  return [
    `import { createMachine${actors.length > 0 ? ', fromPromise' : ''} } from 'xstate'`,
    '',
    `export const machine = createMachine(${config}, {`,
    ...group('guards', guards, '() => false'),
    ...group('actions', actions, '() => {}'),
    ...group('delays', delays, '() => 1000'),
    ...group('actors', actors, 'fromPromise(() => new Promise(() => {}))'),
    '})',
    '',
  ].join('\n')
}
