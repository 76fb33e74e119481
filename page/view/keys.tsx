/** What keys do. Every one of them does what can be done with a pointer, too. */
import { useEffect, useRef } from 'preact/hooks'
import { nameOf, rowAt } from '../walk/rows.ts'
import { copy } from './copy.tsx'
import { go, page, rows, run, view } from './state.ts'
import { otherTheme } from './theme.tsx'
import { offered } from './views.ts'

const toStep = (step: number | undefined): void => {
  if (step !== undefined) go({ step }, { quietly: true })
}

/** The next row, or the one before. */
const byRow = (by: 1 | -1) => (): void => {
  const all = rows.value.rows
  const { step } = view.value
  const at = step === 0 ? (by === 1 ? -1 : 0) : rowAt(all, step)
  // A step may have several rows.
  const others = by === 1 ? all.slice(at + 1) : all.slice(0, at).toReversed()
  toStep(others.find(({ steps }) => steps[0]!.number !== step)?.steps[0]!.number)
}

/** The next step of the same receiver, or the one before. */
const bySameActor = (by: 1 | -1) => (): void => {
  const steps = run.value?.steps ?? []
  const here = steps[view.value.step - 1]
  if (!here) return
  const mine = steps.filter(({ to }) => to === here.to)
  toStep(mine[mine.indexOf(here) + by]?.number)
}

/** The next change of the value that is looked at, or the one before. */
const byValue = (by: 1 | -1) => (): void => {
  const { actor, value, step } = view.value
  const now = run.value
  if (!now || value === undefined) return
  const writers = now.steps.filter(
    ({ to, entry }) =>
      nameOf(page, now, to) === actor && entry.changes?.some((text, at) => at % 2 === 0 && page.texts[text] === value),
  )
  toStep(
    (by === 1 ? writers.find(({ number }) => number > step) : writers.findLast(({ number }) => number < step))?.number,
  )
}

const jump = (to: 'first' | 'last') => (): void => {
  const all = rows.value.rows
  toStep(all.at(to === 'first' ? 0 : -1)?.steps[0]!.number)
}

const focusOn = (selector: string) => (): void => document.querySelector<HTMLElement>(selector)?.focus()

interface Key {
  readonly keys: readonly string[]
  readonly does: string
  act(): void
}

const ofRuns: readonly Key[] = [
  { keys: ['j', 'ArrowDown'], does: 'next row', act: byRow(1) },
  { keys: ['k', 'ArrowUp'], does: 'row before', act: byRow(-1) },
  { keys: ['l', 'ArrowRight'], does: 'next step of the same actor', act: bySameActor(1) },
  { keys: ['h', 'ArrowLeft'], does: 'step before of the same actor', act: bySameActor(-1) },
  { keys: [']'], does: 'next change of the chosen value', act: byValue(1) },
  { keys: ['['], does: 'change before of the chosen value', act: byValue(-1) },
  { keys: ['g', 'Home'], does: 'first row', act: jump('first') },
  { keys: ['G', 'End'], does: 'last row', act: jump('last') },
  { keys: ['.'], does: 'to what else could have come', act: focusOn('.turns button') },
  {
    keys: ['s'],
    does: 'the story, or every step',
    act: () => go({ rows: view.value.rows === 'all' ? 'story' : 'all' }),
  },
  { keys: ['/'], does: 'search', act: focusOn('#search') },
  { keys: ['r'], does: 'copy the command that replays the run', act: () => void copy('.replay') },
]

const everywhere = (): readonly Key[] => [
  ...offered().map(({ view: name, title, key }) => ({
    keys: [key],
    does: title.toLowerCase(),
    act: () => go({ view: name }),
  })),
  { keys: ['t'], does: 'light or dark', act: otherTheme },
]

/** A dialog that was just closed may still have the focus: until the next frame, in Chromium. */
const isTyping = ({ target }: Event): boolean =>
  target instanceof HTMLElement &&
  (target.matches('input, select, textarea') || target.closest('dialog[open]') !== null)

export const onKey = (event: KeyboardEvent, help: () => void): void => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
  if (event.key === '?') return help()
  const keys = view.value.view === 'run' ? [...ofRuns, ...everywhere()] : everywhere()
  const key = keys.find((each) => each.keys.includes(event.key))
  if (!key) return
  event.preventDefault()
  key.act()
}

const spelled: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', ArrowRight: '→', ArrowLeft: '←' }

const Group = ({ name, keys }: { readonly name: string; readonly keys: readonly Key[] }) => (
  <>
    <h3>{name}</h3>
    <dl class="keys">
      {keys.map((key) => (
        <div key={key.does}>
          <dt>
            {key.keys.map((each) => (
              <kbd key={each}>{spelled[each] ?? each}</kbd>
            ))}
          </dt>
          <dd>{key.does}</dd>
        </div>
      ))}
    </dl>
  </>
)

export const Keys = ({ open, close }: { readonly open: boolean; readonly close: () => void }) => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <Group name="Everywhere" keys={everywhere()} />
      <Group name="In a run" keys={ofRuns} />
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  )
}
