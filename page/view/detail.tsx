/** All about the focus: what the step did, what it follows from, what else could have happened, and how the actor is then. */
import { useMemo } from 'preact/hooks'
import { nameOf, toldAs } from '../walk/rows.ts'
import { stateAfter, type Run, type Step } from '../walk/run.ts'
import { Actor } from './actor.tsx'
import { go, page, related, run as shown, view } from './state.ts'
import { End, Turns } from './turns.tsx'
import { stepWords } from './words.ts'

export const StepLink = ({ step }: { readonly step: number }) => (
  <button type="button" class="link" onClick={() => go({ step })}>
    {step === 0 ? 'the start' : `step ${shown.value ? toldAs(shown.value, step) : step}`}
  </button>
)

/** To the statechart of whom it is about, where he lives inside an actor. */
const ItsMachine = ({ run }: { readonly run: Run }) => {
  const now = run.data.heard?.find(({ mark }) => mark === 'now')
  const charted = (run.machine.model.inner ?? []).map(([name]) => name)
  const isRoot = now && page.texts[now.to] === nameOf(page, run, 0)
  if (!now || !(isRoot || charted.includes(now.to))) return null
  const actor = page.texts[now.to]!
  return (
    <p>
      <button type="button" class="link" onClick={() => go({ view: 'machine', step: now.step, actor })}>
        Statechart of {actor}
      </button>
    </p>
  )
}

/** What is wrong with the run, as the terminal has it. */
const Wrong = ({ run }: { readonly run: Run }) => {
  const { splat } = run.data
  if (splat.length === 0 || run.detour) return null
  return (
    <section class="splat" aria-label="What is wrong">
      <h2>{splat[0]}</h2>
      <pre tabIndex={0}>{splat.slice(1).join('\n').trim()}</pre>
      <ItsMachine run={run} />
    </section>
  )
}

const Overview = ({ run }: { readonly run: Run }) => (
  <>
    <h2>{run.data.title}</h2>
    <p class="dim">
      {stepWords(run.data.heard && !run.detour ? run.data.heard.length : run.steps.length)}
      {run.data.unrelated > 0 && `, ${run.data.unrelated} of them unrelated to its end: the story leaves them out`}.
      Choose a step, or press <kbd>j</kbd>.
    </p>
    <Wrong run={run} />
  </>
)

const Changes = ({ run, step }: { readonly run: Run; readonly step: Step }) => {
  const { changes = [], notes = [] } = step.entry
  const actor = nameOf(page, run, step.to)
  const pairs = changes.flatMap((path, at) => (at % 2 === 0 ? [[path, changes[at + 1]!] as const] : []))
  return (
    <section aria-label="What it changed">
      <h3>It changed</h3>
      {pairs.length + notes.length === 0 && <p class="dim">nothing of {actor}</p>}
      <ul class="changes mono">
        {notes.map((text) => (
          <li key={text}>{page.texts[text]}</li>
        ))}
        {pairs.map(([path, text]) => (
          <li key={path}>
            <button
              type="button"
              class="link"
              aria-pressed={view.value.actor === actor && view.value.value === page.texts[path]}
              onClick={() => go({ actor, value: page.texts[path] })}
            >
              {actor} {page.texts[path]}
            </button>{' '}
            {page.texts[text]}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What those inside hear from each other; of a run that leaves the recorded one nobody has asked. */
const Inside = ({ run, step }: { readonly run: Run; readonly step: Step }) => {
  const isTold = !run.detour || step.number <= run.detour.after
  const lines = isTold ? (run.data.heard ?? []).filter((heard) => heard.step === step.number) : []
  if (lines.length === 0) return null
  return (
    <section aria-label="Inside this step">
      <h3>Inside it</h3>
      <ol class="mono">
        {lines.map(({ words, changes, findings, ignored }, at) => (
          <li key={at}>
            {[words, ...changes].map((text) => page.texts[text]).join(' · ')}
            {ignored && ' · ignored'}
            {findings.map((text) => ` · ✗ ${page.texts[text]!}`)}
          </li>
        ))}
      </ol>
    </section>
  )
}

const many = 6

const Causes = ({ run, step }: { readonly run: Run; readonly step: Step }) => {
  const all = related.value
  const count = (wanted: string): number => all.filter((each, at) => at > 0 && each === wanted).length
  const beside = run.steps.filter(({ number }) => all[number] === 'beside')
  return (
    <section aria-label="Why">
      <h3>It follows from</h3>
      <ul>
        <li>
          the message: sent {step.sentAt === 0 ? 'before the run began' : 'in '}
          {step.sentAt > 0 && <StepLink step={step.sentAt} />}
        </li>
        <li>
          {nameOf(page, run, step.to)}: {step.before === 0 ? 'as it was at the start' : 'as it was left by '}
          {step.before > 0 && <StepLink step={step.before} />}
        </li>
      </ul>
      <p class="dim">
        In all {count('past')} steps come before it, {count('future')} after it, and nothing orders it with{' '}
        {beside.length}
        {beside.length > 0 && ': '}
        {beside.slice(0, many).map(({ number }, at) => (
          <>
            {at > 0 && ', '}
            <StepLink step={number} />
          </>
        ))}
        {beside.length > many && ', …'}
      </p>
    </section>
  )
}

/** Every step that wrote the chosen value. */
const Value = ({ run }: { readonly run: Run }) => {
  const { actor, value, step } = view.value
  if (actor === undefined || value === undefined) return null
  const writers = run.steps.flatMap(({ to, number, entry }) => {
    if (nameOf(page, run, to) !== actor) return []
    const at = (entry.changes ?? []).findIndex((text, at) => at % 2 === 0 && page.texts[text] === value)
    return at < 0 ? [] : [{ number, text: page.texts[entry.changes![at + 1]!]! }]
  })
  const last = writers.findLast(({ number }) => number <= step)
  return (
    <section aria-label="The chosen value">
      <h3>
        <span class="mono">
          {actor} {value}
        </span>{' '}
        <button type="button" class="quiet" onClick={() => go({ value: undefined })}>
          Let go
        </button>
      </h3>
      <p>
        {last ? (
          <>
            It is as <StepLink step={last.number} /> left it.
          </>
        ) : (
          'It is as it was at the start.'
        )}
      </p>
      <ul class="mono">
        {writers.map(({ number, text }) => (
          <li key={number} class={number === last?.number ? 'self' : ''}>
            <StepLink step={number} /> {text}
          </li>
        ))}
      </ul>
    </section>
  )
}

export const Detail = ({ run }: { readonly run: Run }) => {
  const number = Math.min(view.value.step, run.steps.length)
  const step = run.steps[number - 1]
  const state = useMemo(() => stateAfter(run, number), [run, number])
  const before = useMemo(() => stateAfter(run, Math.max(0, number - 1)), [run, number])
  return (
    <aside class="detail" aria-label={step ? `Step ${number}` : 'The run'} aria-live="polite">
      {step ? (
        <>
          <h2>Step {toldAs(run, number)}</h2>
          <p class="mono">{step.words}</p>
          {step.findings.map((text) => (
            <p key={text} class="found">
              ✗ {page.texts[text]}
            </p>
          ))}
          {step.entry.ignored && <p class="found">Nobody handles it: it is ignored.</p>}
          <Inside run={run} step={step} />
          <Changes run={run} step={step} />
          <Value run={run} />
          {/* Where one actor has all in it, each step follows from the one before. */}
          {!run.data.heard && <Causes run={run} step={step} />}
          <Turns run={run} state={before} step={step} />
        </>
      ) : (
        <Overview run={run} />
      )}
      {number === run.steps.length && <End run={run} />}
      {step && <Actor run={run} state={state} step={step} />}
      {step && number === run.steps.length && <Wrong run={run} />}
    </aside>
  )
}
