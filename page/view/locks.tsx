/** Locks over a run: who held which, and who wanted it, from which step to which. */
import type { LockData, SpanData } from '../data.ts'
import type { Run } from '../walk/run.ts'
import { go, view } from './state.ts'

const [name, rowHeight] = [150, 22]

const words = { held: 'holds it', shared: 'holds it, with others', wanted: 'wants it' } as const

/** One line for each thread that has to do with a lock. */
const threadsOf = ({ spans }: LockData): readonly string[] => [...new Set(spans.map(({ thread }) => thread))]

const Bars = ({ run, lock }: { readonly run: Run; readonly lock: LockData }) => {
  const end = run.data.lanes.length + 1
  const width = 900
  const x = (step: number): number => name + (step / end) * (width - name)
  const threads = threadsOf(lock)
  const { step } = view.value
  return (
    <svg class="bars" viewBox={`0 0 ${width} ${threads.length * rowHeight + 4}`} aria-hidden="true">
      {threads.map((thread, at) => (
        <g key={thread}>
          <text x={name - 10} y={at * rowHeight + 15} text-anchor="end">
            {thread}
          </text>
          <line class="lane" x1={name} x2={width} y1={at * rowHeight + 11} y2={at * rowHeight + 11} />
          {lock.spans
            .filter((span) => span.thread === thread)
            .map(({ from, to = end, how }) => (
              <rect
                key={`${how}${from}`}
                class={how}
                x={x(from)}
                width={Math.max(2, x(to) - x(from))}
                y={at * rowHeight + (how === 'wanted' ? 7 : 4)}
                height={how === 'wanted' ? 8 : 14}
                onClick={() => go({ view: 'run', step: from })}
              />
            ))}
        </g>
      ))}
      {step > 0 && <line class="now" x1={x(step)} x2={x(step)} y1={0} y2={threads.length * rowHeight + 4} />}
    </svg>
  )
}

const Span = ({ span: { thread, from, to, how } }: { readonly span: SpanData }) => (
  <li>
    {thread} {words[how]}{' '}
    <button type="button" class="link" onClick={() => go({ view: 'run', step: Math.max(1, from) })}>
      {from === 0 ? 'from the start' : `from step ${from}`}
    </button>{' '}
    {to === undefined ? 'to the end' : `to step ${to}`}
  </li>
)

const Lock = ({ run, lock }: { readonly run: Run; readonly lock: LockData }) => (
  <section aria-label={lock.id}>
    <h3 class="mono">
      {lock.id} <span class="dim">{lock.lockClass}</span>
    </h3>
    <Bars run={run} lock={lock} />
    <details>
      <summary>In words</summary>
      <ul>
        {lock.spans
          .toSorted((a, b) => a.from - b.from)
          .map((span) => (
            <Span key={`${span.thread}${span.how}${span.from}`} span={span} />
          ))}
      </ul>
    </details>
  </section>
)

export const Locks = ({ run }: { readonly run: Run }) => (
  <main class="verdicts locks" id="main" tabIndex={-1}>
    <div>
      <h2>Locks in: {run.data.title}</h2>
      <p class="dim">
        <span class="key held" /> held <span class="key shared" /> shared <span class="key wanted" /> wanted. Steps go
        from left to right; a bar leads to the step where it begins.
      </p>
    </div>
    {run.data.locks.map((lock) => (
      <Lock key={lock.id} run={run} lock={lock} />
    ))}
    {run.data.locks.length === 0 && <p>No lock was asked for in this run.</p>}
  </main>
)
