/** Graphviz: statecharts of machines, and runs as what depends on what. */
import type { Trace } from '../../explore/trace.ts'
import { laneOf } from '../story.ts'
import { systemCallsOf } from '../system-calls.ts'
import { fields } from '../words.ts'
import { deferredIn, edgeLabel, edgesOf, initialOf, type StateLike } from './machine.ts'

export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`

const statesOf = (state: StateLike): StateLike[] =>
  Object.values(state.states).flatMap((child) => [child, ...statesOf(child)])

export const machineDot = (machine: StateLike): string => {
  const first = initialOf(machine)
  return [
    `digraph ${quoted(machine.id)} {`,
    '  rankdir=LR; node [shape=box, style=rounded, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ...(first === undefined ? [] : ['  start [shape=point, label=""];', `  start -> ${quoted(first)};`]),
    ...statesOf(machine).map((state) => {
      const defers = deferredIn(state)
      return `  ${quoted(state.id)} [label=${quoted(state.key + (defers.length > 0 ? `\ndefers ${defers.join(', ')}` : ''))}];`
    }),
    ...edgesOf(machine)
      .filter(({ from }) => from !== machine.id)
      .map((edge) => `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label=${quoted(edgeLabel(edge))}];`),
    '}',
    '',
  ].join('\n')
}

/** A node for each step, by lane; solid: what it was sent by; dotted: what its receiver did before. */
export const traceDot = (trace: Trace): string => {
  const lastAt = new Map<string, number>()
  const calls = systemCallsOf(trace)
  const edges = trace.steps.flatMap(({ number, sentAt, to }) => {
    const before = lastAt.get(to)
    lastAt.set(to, number)
    return [
      ...(sentAt > 0 ? [`  n${sentAt} -> n${number};`] : []),
      ...(before !== undefined && before !== sentAt
        ? [`  n${before} -> n${number} [style=dotted, arrowhead=open];`]
        : []),
    ]
  })
  return [
    `digraph ${quoted(trace.system)} {`,
    '  node [shape=box, fontname="Helvetica", fontsize=10];',
    ...trace.steps.map((step) => {
      const { number, from, to, message, findings } = step
      const words = calls ? calls.words(step) : `${message.type} ${fields(message)}`
      const label = `${number}  ${laneOf(trace, from)} → ${laneOf(trace, to)}\n${words}`.trimEnd()
      const wrong = findings.length > 0 ? ', color=red, penwidth=2' : ''
      return `  n${number} [label=${quoted([label, ...findings.map(({ title }) => title)].join('\n'))}${wrong}];`
    }),
    ...edges,
    '}',
    '',
  ].join('\n')
}
