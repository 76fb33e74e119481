/** All that a reader looks at, as it stands behind the `#` of the address. */
import type { Detour } from './run.ts'

export const views = ['verdicts', 'run', 'two', 'locks', 'machine'] as const
export type ViewName = (typeof views)[number]

export interface View {
  readonly view: ViewName
  /** Places in the page's lists. */
  readonly run: number
  readonly other: number | undefined
  /** The focus: a step (0: before the first), an actor, and a value of it. */
  readonly step: number
  readonly actor: string | undefined
  readonly value: string | undefined
  /** The story, or every step. */
  readonly rows: 'story' | 'all'
  readonly search: string
  /** Columns that are folded away. */
  readonly hidden: readonly string[]
  readonly detour: Detour | undefined
}

export const firstView: View = {
  view: 'verdicts',
  run: 0,
  other: undefined,
  step: 0,
  actor: undefined,
  value: undefined,
  rows: 'story',
  search: '',
  hidden: [],
  detour: undefined,
}

const whole = (text: string | null): number | undefined =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined

const detourOf = (text: string | null): Detour | undefined => {
  const [, after, choices] = /^(\d{1,9}):([\d.]*)$/.exec(text ?? '') ?? []
  if (after === undefined || choices === undefined) return undefined
  return { after: Number(after), choices: choices === '' ? [] : choices.split('.').map(Number) }
}

/** Whatever is written there is a view; what makes no sense is left out. */
export const readView = (hash: string): View => {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  return {
    view: views.find((name) => name === given.get('view')) ?? firstView.view,
    run: whole(given.get('run')) ?? 0,
    other: whole(given.get('other')),
    step: whole(given.get('step')) ?? 0,
    actor: given.get('actor') ?? undefined,
    value: given.get('value') ?? undefined,
    rows: given.get('rows') === 'all' ? 'all' : 'story',
    search: given.get('search') ?? '',
    hidden: given.getAll('hide'),
    detour: detourOf(given.get('turns')),
  }
}

/** Only what is not as at first. */
export const writeView = (view: View): string => {
  const said = new URLSearchParams()
  if (view.view !== firstView.view) said.set('view', view.view)
  if (view.run > 0) said.set('run', `${view.run}`)
  if (view.other !== undefined) said.set('other', `${view.other}`)
  if (view.step > 0) said.set('step', `${view.step}`)
  if (view.actor !== undefined) said.set('actor', view.actor)
  if (view.value !== undefined) said.set('value', view.value)
  if (view.rows === 'all') said.set('rows', 'all')
  if (view.search !== '') said.set('search', view.search)
  for (const id of view.hidden) said.append('hide', id)
  if (view.detour) said.set('turns', `${view.detour.after}:${view.detour.choices.join('.')}`)
  return `#${said.toString()}`
}
