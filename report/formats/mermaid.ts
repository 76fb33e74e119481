/** Mermaid: statecharts of machines, sequence diagrams of runs. GitHub, GitLab and editors draw it. */
import type { Trace } from '../../explore/trace.ts'
import { asNote, detailOf, tellStory, verb } from '../story.ts'
import { deferredIn, edgeLabel, edgesOf, initialOf, nameOf, type StateLike } from './machine.ts'

/** A raw `;` ends a statement and `#` begins an entity, even inside a label. */
export const escape = (text: string): string =>
  text.replace(/[#;]/g, (sign) => (sign === '#' ? '#35;' : '#59;')).replace(/\s+/g, ' ')

/** In a statechart a second `:` would be read as a new description. */
const stateText = (text: string): string => escape(text).replaceAll(':', '#58;').replaceAll('"', '#quot;')

// Ids may hold neither dots nor dashes, and `end` or `state` would be keywords.
const alias = (id: string): string => `s_${id.replace(/\W/g, '_')}`

const statesOf = (state: StateLike, indent: string): string[] =>
  Object.values(state.states).flatMap((child) => {
    const notes = [
      ...(child.entry?.length ? [`entry / ${child.entry.map(nameOf).join(', ')}`] : []),
      ...(deferredIn(child).length > 0 ? [`defers ${deferredIn(child).join(', ')}`] : []),
    ].map((note) => `${indent}${alias(child.id)} : ${stateText(note)}`)
    const head = `${indent}state "${stateText(child.key)}" as ${alias(child.id)}`
    const inner =
      Object.keys(child.states).length === 0 ? [head] : [`${head} {`, ...statesOf(child, `${indent}  `), `${indent}}`]
    const first = initialOf(state) === child.id ? [`${indent}[*] --> ${alias(child.id)}`] : []
    return [...first, ...inner, ...notes]
  })

export const stateDiagram = (machine: StateLike): string =>
  [
    '---',
    `title: ${JSON.stringify(machine.id)}`,
    '---',
    'stateDiagram-v2',
    ...statesOf(machine, '  '),
    ...edgesOf(machine)
      // What the machine hears in every state belongs to no state: mermaid has no arrow for it.
      .filter(({ from }) => from !== machine.id)
      .map((edge) => `  ${alias(edge.from)} --> ${alias(edge.to)} : ${stateText(edgeLabel(edge))}`),
    '',
  ].join('\n')

/** Mermaid refuses texts beyond 50,000 characters. */
const textLimit = 50_000

/**
 * Lanes are participants; a request and its plain answer are one arrow, as in the terminal. `only`: these lanes; what somebody else is asked
 * becomes a note beside who asks, and what concerns none of them is left out.
 */
export const sequenceDiagram = (trace: Trace, only?: readonly string[]): string => {
  const story = tellStory(trace)
  const lanes = story.lanes.filter(({ id }) => only?.includes(id) ?? true)
  const names = new Map(lanes.map(({ id }, i) => [id, `P${i}`]))
  const head = ['sequenceDiagram', ...lanes.map(({ id }, i) => `  participant P${i} as ${escape(id)}`)]
  const body = story.lines.flatMap((line) => {
    if (line.kind === 'stretch') {
      return `  Note over P0,P${lanes.length - 1}: ${escape(`${line.times} × ${line.what} (steps ${line.first}–${line.last})`)}`
    }
    const [from, to] = [names.get(line.from), names.get(line.to)]
    const beside = from ?? to
    if (beside === undefined) return []
    const number = line.steps[0] === undefined ? '' : `${line.steps[0]} `
    const isNote = from === to || from === undefined || to === undefined
    const inside = from === to ? `${verb(line.head)} ${detailOf(line)}` : asNote(line)
    const text = escape(`${number}${isNote ? inside : `${line.head} ${detailOf(line)}`}`.trim())
    const news = [...line.changes, ...line.findings.map((finding) => `✗ ${finding}`)]
    return [
      isNote ? `  Note over ${beside}: ${text}` : `  ${from}${line.steps.length === 0 ? '-x' : '->>'}${to}: ${text}`,
      ...(news.length > 0 ? [`  Note over ${to ?? beside}: ${escape(news.join(', '))}`] : []),
    ].join('\n')
  })
  const lines: string[] = []
  let left = textLimit - head.join('\n').length - 200
  for (const line of body) {
    left -= line.length + 1
    if (left < 0) break
    lines.push(line)
  }
  const cut = body.length - lines.length
  // The end is what matters; but an end without its beginning cannot be read. Say what is missing.
  const note = cut === 0 ? [] : [`  Note over P0: cut here, ${cut} more rows (mermaid takes 50000 characters)`]
  return [...head, ...lines, ...note, ''].join('\n')
}
