/** The rows as lanes: a column for each thread and object, an arrow from where a message was sent to where it was delivered. */
import { columnOf, rowAt, type Row } from '../walk/rows.ts'
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

/** One delivery: an arrow, or a dot for what happens inside one thread. */
const Delivery = ({ step, label, drawing }: { step: Step; label: string; drawing: Drawing }) => {
  const { run, x, y, wide } = drawing
  const from = x(columnOf(page, run, step.from))
  const to = x(columnOf(page, run, step.to))
  const at = y(step.number)
  const tone = toneOf(run, step)
  if (to === undefined) return null
  // Beyond the last lane there is no room for words.
  const isLast = to === drawing.last && to > wide
  if (from === undefined || from === to)
    return (
      <g class={`inside ${tone}`}>
        <circle cx={to} cy={at} r={3.5} />
        <text x={isLast ? to - 9 : to + 9} y={at - 5} text-anchor={isLast ? 'end' : 'start'}>
          {clipped(label, wide * 1.9 - 16)}
        </text>
      </g>
    )
  const begun = step.sentAt === 0 ? at - rowHeight / 3 : y(step.sentAt)
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
    </g>
  )
}

/** The window between the unlock and the relock: what the program is named after. */
const Window = ({ drawing, width, chosen }: { drawing: Drawing; width: number; chosen: number | undefined }) => {
  const { gap } = drawing.run.data
  const row = chosen !== undefined && (
    <rect class="chosen" x={0} y={chosen * rowHeight} width={width} height={rowHeight} />
  )
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
  const [from, to] = [rows[first]?.steps[0]!.number ?? 0, rows[last - 1]?.steps.at(-1)!.number ?? 0]
  const chosen = view.value.step === 0 ? undefined : rowAt(rows, view.value.step)
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
      {rows.flatMap(({ steps, label }) =>
        steps
          .filter(({ number, sentAt }) => number >= from && Math.min(sentAt || number, number) <= to)
          .map((step, nth) => (
            <Delivery key={step.number} step={step} label={nth === 0 ? label : ''} drawing={drawing} />
          )),
      )}
      <Waits drawing={drawing} end={end} />
    </svg>
  )
}
