/** What a server behind the page says: how far the search is, that there is more to be seen, what comes next where the page does not know. */
import { effect, signal } from '@preact/signals'
import type { PageData, ProgressData } from '../data.ts'
import { Frontier } from './frontier.tsx'
import { page, run, take } from './state.ts'

const progress = signal<ProgressData | undefined>(undefined)

const get = async (what: string, method = 'GET'): Promise<void> => {
  const answer = await fetch(what, { method })
  if (answer.ok) take((await answer.json()) as PageData)
}

/** Runs that were asked for: what the server does not know either is not asked for again. */
const asked = new Set<string>()

export const listen = (): void => {
  if (!page.served) return
  const events = new EventSource('events')
  events.addEventListener('progress', ({ data }) => (progress.value = JSON.parse(data as string) as ProgressData))
  events.addEventListener('changed', () => {
    progress.value = undefined
    void get('data')
  })
  effect(() => {
    const here = run.value
    if (!here || here.next !== undefined) return
    const what = `learn?model=${here.data.model}&choices=${here.steps.map(({ choice }) => choice).join('.')}`
    if (asked.has(what)) return
    asked.add(what)
    void get(what, 'POST')
  })
}

export const Live = () => {
  if (!progress.value) return null
  const { of, states, steps, depth, findings, frontier } = progress.value
  const many = (n: number): string => n.toLocaleString('en')
  return (
    <section aria-label="Under way">
      <h2 class="verdict">
        <span class="mono">{of}</span> is being explored
      </h2>
      <p class="facts">
        <span>{many(states)} states</span> <span>{many(steps)} steps</span> <span>depth {depth}</span>
        {findings.length > 0 && <span>found so far: {findings.join(', ')}</span>}
      </p>
      <Frontier search={{ frontier, exhaustive: false }} />
    </section>
  )
}
