/** The frame of the page: what it is about, the views, the keys. */
import { signal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import { Keys, onKey } from './keys.tsx'
import { Locks } from './locks.tsx'
import { MachineView } from './machine.tsx'
import { RunView } from './run.tsx'
import { elsewhere, linkTo, page, run, view } from './state.ts'
import { ThemeButton } from './theme.tsx'
import { Two } from './two.tsx'
import { Verdicts } from './verdicts.tsx'
import { offered } from './views.ts'

export const helping = signal(false)

const about = (): string =>
  page.tables[0]?.title ?? page.searches[0]?.of ?? page.orders[0]?.of ?? page.runs[0]?.address.split('@')[0] ?? ''

const Views = () => (
  <nav aria-label="Views">
    {offered().map(({ view: name, title }) => (
      <a key={name} href={linkTo({ view: name })} aria-current={view.value.view === name ? 'page' : undefined}>
        {title}
      </a>
    ))}
  </nav>
)

const Shown = () => {
  if (!run.value || !offered().some((each) => each.view === view.value.view)) return <Verdicts />
  switch (view.value.view) {
    case 'run':
      return <RunView run={run.value} />
    case 'two':
      return <Two run={run.value} />
    case 'locks':
      return <Locks run={run.value} />
    case 'machine':
      return <MachineView run={run.value} />
    default:
      return <Verdicts />
  }
}

export const App = () => {
  // Whoever sees the page is heard: other effects wait for the next frame.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event, () => (helping.value = !helping.value))
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
  return (
    <>
      <a class="skip" href="#main" onClick={toMain}>
        To the content
      </a>
      <header>
        <h1>
          <a href={linkTo({ ...elsewhere, view: 'verdicts', run: 0 })}>
            relock <span class="mono">{about()}</span>
          </a>
        </h1>
        <Views />
        <div class="tools">
          <button type="button" class="quiet" onClick={() => (helping.value = true)}>
            Keys
          </button>
          <ThemeButton />
        </div>
      </header>
      <Shown />
      <Keys open={helping.value} close={() => (helping.value = false)} />
    </>
  )
}

/** The address holds the view, so that a link within the page must not become it. */
const toMain = (event: Event): void => {
  event.preventDefault()
  document.querySelector<HTMLElement>('#main')?.focus()
}
