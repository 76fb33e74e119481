/** Mermaid: sequence diagrams of runs. GitHub, GitLab and editors draw it. */
import type { Trace } from '../../explore/runs/trace.ts'
import { unknownLane } from '../errors.ts'
import type { Wrong } from '../sides.ts'
import { asNote, called, detailOf, tellStory, waitingWords, type Row, type Stretch } from '../story.ts'
import { unicode } from '../style.ts'
import { marking } from '../text.ts'
import { visible } from '../words.ts'

/** A raw `;` ends a statement and `#` begins an entity, even inside a label; `<` begins HTML, and `%%` a comment or a directive. */
export const escape = (text: string): string =>
  visible(text)
    .replace(/[#;<]|%(?=%)/g, (sign) => `#${sign.codePointAt(0)};`)
    .replace(/\s+/g, ' ')

/** Mermaid refuses texts beyond 50,000 characters. */
const textLimit = 50_000

/**
 * Lanes are participants; a request and its plain answer are one arrow, as in the terminal, with ① and ②, and with who had to wait; what happens
 * between the unlock and the relock stands in a box. `only`: these lanes; what somebody else is asked becomes a note beside who asks, and what
 * concerns none of them is left out. Throws a UserError for a lane that there is not.
 */
export const sequenceDiagram = (trace: Trace, broken?: Wrong, only?: readonly string[]): string => {
  const { marks, marked, gap } = marking(trace, broken)
  const story = tellStory(trace, { marked, kept: [...marks.keys()] })
  const stranger = only?.find((name) => !story.lanes.some(({ id }) => id === name))
  if (stranger !== undefined)
    throw unknownLane(
      stranger,
      story.lanes.map(({ id }) => id),
    )
  const lanes = story.lanes.filter(({ id }) => only?.includes(id) ?? true)
  const names = new Map(lanes.map(({ id }, i) => [id, `P${i}`]))
  const all = lanes.length === 1 ? 'P0' : `P0,P${lanes.length - 1}`

  const drawn = (line: Row | Stretch): readonly string[] => {
    if (line.kind === 'stretch')
      return [`Note over ${all}: ${escape(`${line.times} × ${line.what} (steps ${line.first}–${line.last})`)}`]
    const [from, to] = [names.get(line.from), names.get(line.to)]
    const beside = from ?? to
    if (beside === undefined) return []
    const mark = line.steps.map((step) => marks.get(step)).find((each) => each !== undefined)
    const isNote = from === to || from === undefined || to === undefined
    const inside = from === to ? `${called(line)} ${detailOf(line)}` : asNote(line)
    const words = [
      `${line.steps[0] ?? ''}`,
      mark ? unicode[mark] : '',
      isNote ? inside : `${called(line)} ${detailOf(line)}`,
      line.steps.length === 0 ? '' : waitingWords(line, unicode),
    ]
    const text = escape(
      words
        .filter((each) => each !== '')
        .join(' ')
        .trim(),
    )
    const news = [...line.changes, ...(line.calls ?? []), ...line.findings.map((finding) => `✗ ${finding}`)]
    return [
      isNote ? `Note over ${beside}: ${text}` : `${from}${line.steps.length === 0 ? '-x' : '->>'}${to}: ${text}`,
      ...(news.length > 0 ? [`Note over ${to ?? beside}: ${escape(news.join(', '))}`] : []),
    ]
  }

  const isInside = (line: Row | Stretch): boolean => {
    const first = line.kind === 'row' ? line.steps[0] : line.first
    return gap !== undefined && first !== undefined && first >= gap[0] && first <= gap[1]
  }
  const rows = story.lines
    .map((line) => ({ text: drawn(line), inside: isInside(line) }))
    .filter(({ text }) => text.length > 0)
  const head = ['sequenceDiagram', ...lanes.map(({ id }, i) => `  participant P${i} as ${escape(id)}`)]
  const opens = ['  rect rgba(128, 128, 128, 0.15)', `    Note over ${all}: between the unlock and the relock`]
  const body: string[] = []
  let left = textLimit - head.join('\n').length - 400
  let isOpen = false
  let shown = 0
  for (const { text, inside } of rows) {
    left -= text.join('\n').length + 8 * text.length
    if (left < 0) break
    if (inside && !isOpen) body.push(...opens)
    if (!inside && isOpen) body.push('  end')
    isOpen = inside
    body.push(...text.map((each) => `${inside ? '    ' : '  '}${each}`))
    shown++
  }
  if (isOpen) body.push('  end')
  const cut = rows.length - shown
  // The end is what matters; but an end without its beginning cannot be read. Say what is missing.
  const note = cut === 0 ? [] : [`  Note over P0: cut here, ${cut} more rows (mermaid takes 50000 characters)`]
  return [...head, ...body, ...note, ''].join('\n')
}
