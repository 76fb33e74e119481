/** The rows as lanes: a column for each thread and object, an arrow from where a message was sent to where it was delivered. */
import { chosenIn, columnOf, columnsOf, rowAt, type Row } from '../walk/rows.ts'
import type { Run, Step } from '../walk/run.ts'
import { page, related, view } from './state.ts'
import { rowHeight } from './steps.tsx'

export interface Layout {
  readonly columns: readonly string[]
  /** Rows that are drawn. */
  readonly first: number
  readonly last: number
  /** Of what is seen, the list included. */
  readonly width: number
}

const listWidth = 360
const [narrowest, widest] = [104, 220]

const columnWidth = ({ columns, width }: Layout): number =>
  Math.round(Math.max(narrowest, Math.min(widest, (width - listWidth - 24) / Math.max(1, columns.length))))

/** Room before the first lane, for the window's words. */
const inset = 28

const widthOf = (layout: Layout): number => inset + columnWidth(layout) * layout.columns.length

export const Heads = ({ layout, hide }: { readonly layout: Layout; readonly hide: (column: string) => void }) => {
  const wide = columnWidth(layout)
  return (
    <div class="heads" style={{ width: `${widthOf(layout)}px` }}>
      {layout.columns.map((id, at) => (
        <div key={id} class="head" style={{ left: `${inset + at * wide - 10}px`, width: `${wide - 4}px` }}>
          <span title={id}>{id}</span>
          <button type="button" class="quiet" onClick={() => hide(id)} aria-label={`Fold away ${id}`} title="Fold away">
            –
          </button>
        </div>
      ))}
    </div>
  )
}

/** Where in the drawing a step happens. */
const placeIn = (rows: readonly Row[]) => {
  return (step: number): number => {
    if (step === 0) return 0
    const at = rowAt(rows, step)
    const row = rows[at]
    if (!row || row.steps[0]!.number > step) return at * rowHeight
    const nth = row.steps.findIndex(({ number }) => number === step)
    return (at + (nth < 0 ? 1 : (nth + 0.5) / row.steps.length)) * rowHeight
  }
}

interface Drawing {
  readonly run: Run
  readonly wide: number
  /** The lane at the right edge. */
  readonly last: number | undefined
  readonly x: (column: string | undefined) => number | undefined
  readonly y: (step: number) => number
}

/** Letters of the drawing are about so wide. */
const letter = 6.3

const clipped = (text: string, room: number): string => {
  const most = Math.max(2, Math.floor(room / letter))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

const toneOf = (run: Run, step: Step): string => {
  const mark = run.data.marks.find(([marked]) => marked === step.number)?.[1]
  const relation = view.value.step === 0 ? '' : (related.value[step.number] ?? '')
  return `${mark ?? ''} ${relation} ${step.findings.length > 0 ? 'found' : ''}`
}

/** Something that came to somebody, as it is drawn: where it was sent, where it was heard, and in which words. */
interface Arrow {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly begun: number
  readonly at: number
  readonly label: string
  /** What came of it. */
  readonly effect: string
  readonly tone: string
}

/** An arrow, or a dot for what happens inside one thread. */
const Delivery = ({ arrow, drawing }: { readonly arrow: Arrow; readonly drawing: Drawing }) => {
  const { wide } = drawing
  const { from, to, begun, at, label, effect, tone } = arrow
  if (to === undefined) return null
  // Beyond the last lane there is no room for words.
  const isLast = to === drawing.last && to > wide
  const beside = { x: isLast ? to - 9 : to + 9, 'text-anchor': isLast ? 'end' : 'start' } as const
  const roomy = wide * 1.9 - 16
  const below = effect !== '' && (
    <text class="effect" {...beside} y={at + 13}>
      {clipped(effect, roomy)}
    </text>
  )
  if (from === undefined || from === to)
    return (
      <g class={`inside ${tone}`}>
        <circle cx={to} cy={at} r={3.5} />
        <text {...beside} y={at - 5}>
          {clipped(label, roomy)}
        </text>
        {below}
      </g>
    )
  const side = to > from ? -1 : 1
  const [ax, ay] = [from, Math.min(begun, at)]
  const slope = Math.atan2(at - ay, to - ax)
  const wing = (turn: number): string => `${to - 8 * Math.cos(slope + turn)},${at - 8 * Math.sin(slope + turn)}`
  const middle = Math.abs(to - from) > wide * 1.5 ? to + side * wide * 0.5 : (from + to) / 2
  const height = ay + ((middle - ax) / (to - ax)) * (at - ay)
  return (
    <g class={`arrow ${tone}`}>
      <line x1={ax} y1={ay} x2={to} y2={at} />
      <polygon points={`${to},${at} ${wing(0.38)} ${wing(-0.38)}`} />
      {label !== '' && (
        <text x={middle} y={height - 4} text-anchor="middle">
          {clipped(label, Math.abs(to - from) > wide * 1.5 ? wide * 1.5 : wide - 22)}
        </text>
      )}
      {below}
    </g>
  )
}

/** The deliveries of a row. */
const arrowsOf = (
  { run, x, y }: Drawing,
  rows: readonly Row[],
  nth: number,
): readonly (Arrow & { first: number })[] => {
  const { steps, label, heard } = rows[nth]!
  if (heard) {
    const at = (nth + 0.5) * rowHeight
    const [from, to] = columnsOf(page, run, rows[nth]!).map(x)
    const came = [...heard.changes.map((text) => page.texts[text]!), ...(heard.ignored ? ['ignored'] : [])]
    const relation = heard.step === view.value.step ? 'self' : ''
    const tone = `${heard.mark ?? ''} ${relation} ${heard.findings.length > 0 ? 'found' : ''}`
    // Whoever is told within a step hears it at once.
    return [{ ...{ from, to, at, label, tone }, begun: at - rowHeight / 3, effect: came.join(', '), first: nth }]
  }
  return steps.map((step, each) => {
    const at = y(step.number)
    return {
      from: x(columnOf(page, run, step.from)),
      to: x(columnOf(page, run, step.to)),
      ...{ at, begun: step.sentAt === 0 ? at - rowHeight / 3 : y(step.sentAt) },
      ...{ label: each === 0 ? label : '', effect: '', tone: toneOf(run, step) },
      first: step.sentAt === 0 ? nth : Math.min(nth, rowAt(rows, step.sentAt)),
    }
  })
}

/** The window between the unlock and the relock: what the program is named after. */
const Window = ({ drawing, width, chosen }: { drawing: Drawing; width: number; chosen: readonly number[] }) => {
  const { gap } = drawing.run.data
  const row = chosen.map((at) => (
    <rect key={at} class="chosen" x={0} y={at * rowHeight} width={width} height={rowHeight} />
  ))
  if (!gap) return row
  const [top, bottom] = gap.map(drawing.y) as [number, number]
  return (
    <g class="window">
      <rect x={0} y={top} width={width} height={Math.max(0, bottom - top)} />
      {row}
      <path d={`M12 ${top}H4V${bottom}H12`} />
      <text transform={`translate(15 ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {bottom - top > 150 ? 'unlocked … not yet relocked' : ''}
      </text>
    </g>
  )
}

/** Locks beside the lane of whom they belong to. */
const Held = ({ drawing, end }: { drawing: Drawing; end: number }) => {
  const spans = drawing.run.data.locks.flatMap(({ id, spans }) =>
    spans.filter(({ how }) => how !== 'wanted').map((span) => ({ id, ...span })),
  )
  if (drawing.run.detour) return null
  return (
    <g class="held">
      {spans.map(({ id, thread, from, to, how }) => {
        const x = drawing.x(thread)
        if (x === undefined) return null
        const beside = spans.filter(
          (each) => each.thread === thread && each.from < from && (each.to ?? Infinity) > from,
        )
        const [top, bottom] = [drawing.y(from), to === undefined ? end : drawing.y(to)]
        return (
          <rect
            key={`${id}${thread}${from}`}
            class={how}
            x={x - 7 - beside.length * 4}
            y={top}
            width={3}
            height={bottom - top}
          >
            <title>{`${thread} holds ${id}, steps ${from}–${to ?? 'end'}`}</title>
          </rect>
        )
      })}
    </g>
  )
}

/** Requests that nobody takes any more: how a deadlock ends. */
const Waits = ({ drawing, end }: { drawing: Drawing; end: number }) => {
  const { run, x, y } = drawing
  if (run.detour) return null
  return (
    <g class="waits">
      {run.data.waits.map(({ thread, at, words, sentAt, on }) => {
        const [from, to] = [x(thread), x(at)]
        if (from === undefined) return null
        return (
          <g key={`${thread}${at}`}>
            <line x1={from} y1={y(sentAt)} x2={to ?? from} y2={end - 8} />
            <text x={to ?? from} y={end + 8} text-anchor="middle">
              {words}: waits for {on.join(', ') || 'nobody'}
            </text>
          </g>
        )
      })}
    </g>
  )
}

export const Lanes = ({
  run,
  rows,
  layout,
}: {
  readonly run: Run
  readonly rows: readonly Row[]
  readonly layout: Layout
}) => {
  const { columns, first, last } = layout
  const wide = columnWidth(layout)
  const width = widthOf(layout)
  const places = new Map(columns.map((id, at) => [id, inset + at * wide]))
  const drawing: Drawing = {
    run,
    wide,
    last: [...places.values()].at(-1),
    x: (id) => (id === undefined ? undefined : places.get(id)),
    y: placeIn(rows),
  }
  const end = rows.length * rowHeight
  const [top, bottom] = [first * rowHeight, last * rowHeight + (last === rows.length ? 16 : 0)]
  const chosen = chosenIn(rows, view.value.step)
  return (
    <svg
      class="lanes"
      aria-hidden="true"
      width={width}
      height={bottom - top}
      viewBox={`0 ${top} ${width} ${bottom - top}`}
      style={{ marginTop: `${top}px` }}
    >
      <Window drawing={drawing} width={width} chosen={chosen} />
      {[...places].map(([id, x]) => (
        <line key={id} class="lane" x1={x} x2={x} y1={top} y2={bottom} />
      ))}
      <Held drawing={drawing} end={end} />
      {rows.flatMap((_, nth) =>
        arrowsOf(drawing, rows, nth)
          .filter((arrow) => nth >= first && arrow.first <= last)
          .map((arrow, each) => <Delivery key={`${nth} ${each}`} arrow={arrow} drawing={drawing} />),
      )}
      <Waits drawing={drawing} end={end} />
    </svg>
  )
}
