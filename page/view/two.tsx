/** Two runs, aligned: what both do is folded, and the first difference stands in the middle. */
import { signal } from '@preact/signals'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { aligned, commonBeginning, type Fold, type Pair } from '../walk/align.ts'
import { follow, type Run, type Step } from '../walk/run.ts'
import { go, linkTo, machineOf, page, view } from './state.ts'
import { runLabel } from './words.ts'

/** So many steps of a stretch that both do are shown at its ends. */
const shown = 2

/** Folds that were opened, by their place. */
const opened = signal<ReadonlySet<number>>(new Set())

/** The run that says most beside this one: of the same model if there is one, and alike for as long as possible. */
export const nearest = (run: Run): number => {
  const others = page.runs
    .map((data, index) => ({ data, index }))
    .filter(({ index }) => index !== view.value.run || run.detour !== undefined)
  const worth = ({ data }: (typeof others)[number]): number =>
    (data.model === run.data.model ? 1e6 : 0) +
    (data.bad === run.data.bad ? 0 : 1e5) +
    commonBeginning(data.lanes, run.data.lanes)
  return others.toSorted((a, b) => worth(b) - worth(a))[0]?.index ?? view.value.run
}

export const Two = ({ run }: { readonly run: Run }) => {
  const index = view.value.other ?? nearest(run)
  const data = page.runs[index] ?? page.runs[0]!
  const folds = useMemo(() => aligned(page, run, follow(page, data, machineOf(data.model))), [run, data])
  const first = useRef<HTMLTableSectionElement>(null)
  // Before anybody can open one.
  useLayoutEffect(() => {
    opened.value = new Set()
    first.current?.scrollIntoView({ block: 'center' })
  }, [folds])
  const firstAt = folds.findIndex(({ same }) => !same)
  return (
    <main class="two" id="main" tabIndex={-1}>
      <p class="dim" role="status">
        {firstAt < 0
          ? 'Both do the same.'
          : `They differ from step ${firstAt === 0 ? 1 : folds[0]!.pairs.length + 1} on.`}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">
              {run.data.bad ? '✗' : '✓'} <a href={linkTo({ view: 'run' })}>{run.data.title}</a>
              {run.detour && ', with other turns'}
            </th>
            <th scope="col">
              <label>
                <span class="unseen">beside</span>
                <select value={index} onChange={(event) => go({ other: Number(event.currentTarget.value) })}>
                  {page.runs.map((each, at) => (
                    <option key={at} value={at}>
                      {runLabel(each)}
                    </option>
                  ))}
                </select>
              </label>
            </th>
          </tr>
        </thead>
        {folds.map((fold, at) => (
          <tbody key={at} ref={at === firstAt ? first : undefined} class={fold.same ? 'same' : 'own'}>
            <Rows fold={fold} at={at} last={at === folds.length - 1} index={index} />
          </tbody>
        ))}
      </table>
    </main>
  )
}

const Rows = ({ fold, at, last, index }: { fold: Fold; at: number; last: boolean; index: number }) => {
  const { pairs, same } = fold
  if (!same || pairs.length <= 2 * shown + 1 || opened.value.has(at))
    return pairs.map((pair, row) => <Row key={row} pair={pair} index={index} />)
  const head = at === 0 ? [] : pairs.slice(0, shown)
  const tail = last ? [] : pairs.slice(-shown)
  return (
    <>
      {head.map((pair, row) => (
        <Row key={row} pair={pair} index={index} />
      ))}
      <tr>
        <td colSpan={2} class="fold">
          <button type="button" class="link" onClick={() => (opened.value = new Set([...opened.value, at]))}>
            {pairs.length - head.length - tail.length} steps that both do
          </button>
        </td>
      </tr>
      {tail.map((pair, row) => (
        <Row key={row} pair={pair} index={index} />
      ))}
    </>
  )
}

const Side = ({ step, run }: { step: Step | undefined; run: number }) =>
  step ? (
    <td>
      <a
        class="number"
        href={linkTo({ view: 'run', run, step: step.number, ...(run === view.value.run ? {} : { detour: undefined }) })}
      >
        {step.number}
      </a>{' '}
      {step.words}
      {step.findings.length > 0 && (
        <strong class="found"> ✗ {step.findings.map((text) => page.texts[text]).join(', ')}</strong>
      )}
    </td>
  ) : (
    <td class="none" aria-label="nothing" />
  )

const Row = ({ pair: { left, right }, index }: { pair: Pair; index: number }) => (
  <tr>
    <Side step={left} run={view.value.run} />
    <Side step={right} run={index} />
  </tr>
)
