/** A run: its steps as a list and as lanes, which scroll together, and beside them all about the step that is looked at. */
import { computed, signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { columnsOf, rowAt } from '../walk/rows.ts'
import type { Run } from '../walk/run.ts'
import { Bar } from './bar.tsx'
import { Detail } from './detail.tsx'
import { Heads, Lanes, type Layout } from './lanes.tsx'
import { rowHeight, Steps } from './steps.tsx'
import { go, onPaper, page, rows, run as shown, view } from './state.ts'

const scrolled = signal({ top: 0, height: 800, width: 900 })

/** Rows drawn beyond what is seen, so that nothing flickers. */
const beyond = 8

/** Columns that the rows use, in the order of the story: the same at whichever step. */
const usedColumns = computed((): readonly string[] => {
  const told = rows.value.rows
  const run = shown.value
  if (!run) return []
  const { hidden } = view.peek()
  const used = new Set(told.flatMap((row) => columnsOf(page, run, row).flatMap((each) => each ?? [])))
  const all = new Set([...run.data.columns.map((text) => page.texts[text]!), ...used])
  return [...all].filter((id) => used.has(id) && !hidden.includes(id))
})

export const RunView = ({ run }: { readonly run: Run }) => {
  const place = useRef<HTMLDivElement>(null)
  const { step } = view.value
  const all = rows.value.rows
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return undefined
    const measure = (): void => {
      scrolled.value = { top: element.scrollTop, height: element.clientHeight, width: element.clientWidth }
    }
    measure()
    element.addEventListener('scroll', measure, { passive: true })
    const sizes = new ResizeObserver(measure)
    sizes.observe(element)
    return () => {
      element.removeEventListener('scroll', measure)
      sizes.disconnect()
    }
  }, [])
  useEffect(() => {
    if (step > 0 && place.current) toSight(place.current, rowAt(all, step) * rowHeight)
  }, [step, all])
  const { top, height, width } = scrolled.value
  const first = onPaper.value ? 0 : Math.max(0, Math.floor(top / rowHeight) - beyond)
  const last = onPaper.value ? all.length : Math.min(all.length, Math.ceil((top + height) / rowHeight) + beyond)
  const layout: Layout = { columns: usedColumns.value, first, last, width }
  return (
    <main class="run" id="main" tabIndex={-1}>
      <Bar run={run} />
      <div class="rows" ref={place}>
        <div class="corner">
          {view.value.rows === 'story' || run.data.heard ? 'Story' : 'Every step'}
          {rows.value.left > 0 && <span class="dim"> · {rows.value.left} rows left out</span>}
        </div>
        <Heads layout={layout} hide={(id) => go({ hidden: [...view.value.hidden, id] })} />
        <Steps run={run} rows={all} first={first} last={last} />
        <Lanes run={run} rows={all} layout={layout} />
      </div>
      <Detail run={run} />
    </main>
  )
}

const headHeight = 36

const toSight = (element: HTMLElement, at: number): void => {
  const { scrollTop, clientHeight } = element
  const room = clientHeight - headHeight
  if (at < scrollTop + rowHeight) element.scrollTop = at - rowHeight * 2
  else if (at > scrollTop + room - rowHeight * 2) element.scrollTop = at - room + rowHeight * 3
}
