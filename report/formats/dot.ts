/** Graphviz: runs as what depends on what. */
import type { Trace } from '../../explore/runs/trace.ts'
import { laneOf } from '../story.ts'
import { systemCallsOf } from '../system-calls.ts'
import { eventFields } from '../saying.ts'
import { fields, visible } from '../words.ts'

/** A name, or the lines of a label. */
export const quoted = (...lines: readonly string[]): string =>
  `"${lines.map((line) => visible(line).replace(/[\\"]/g, '\\$&')).join('\\n')}"`

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
      const said = step.of === undefined ? fields : eventFields
      const words = calls ? calls.words(step) : `${message.type} ${said(message)}`
      const label = [
        `${number}  ${laneOf(trace, from)} → ${laneOf(trace, to)}`,
        ...(words.trim() === '' ? [] : [words.trimEnd()]),
      ]
      const wrong = findings.length > 0 ? ', color=red, penwidth=2' : ''
      return `  n${number} [label=${quoted(...label, ...findings.map(({ title }) => title))}${wrong}];`
    }),
    ...edges,
    '}',
    '',
  ].join('\n')
}
