/** What the page knows and where its reader is. The place is the address: what is seen can be sent to somebody. */
import { computed, signal } from '@preact/signals'
import type { PageData } from '../data.ts'
import { Machine } from '../walk/machine.ts'
import { relations } from '../walk/causes.ts'
import { shownRows } from '../walk/rows.ts'
import { follow } from '../walk/run.ts'
import { readView, writeView, type View } from '../walk/view.ts'

const data = signal(JSON.parse(document.querySelector('#data')!.textContent ?? '') as PageData)

/** What the page carries; whoever reads of it while something is drawn is drawn again when there is more. */
export const page: PageData = {
  version: 1,
  get command() {
    return data.value.command
  },
  get served() {
    return data.value.served
  },
  get texts() {
    return data.value.texts
  },
  get searches() {
    return data.value.searches
  },
  get models() {
    return data.value.models
  },
  get runs() {
    return data.value.runs
  },
  get tables() {
    return data.value.tables
  },
  get orders() {
    return data.value.orders
  },
}

/** There is more. */
export const take = (more: PageData): void => {
  machines.clear()
  data.value = more
}

export const view = signal<View>(readView(location.hash))

addEventListener('hashchange', () => (view.value = readView(location.hash)))

/** Goes there; a step further is no new page of history. */
export const go = (change: Partial<View>, { quietly = false } = {}): void => {
  const next = { ...view.value, ...change }
  const hash = writeView(next)
  if (hash === writeView(view.value)) return
  view.value = next
  if (quietly) history.replaceState(null, '', hash)
  else history.pushState(null, '', hash)
}

export const linkTo = (change: Partial<View>): string => writeView({ ...view.value, ...change })

/** Somewhere else altogether: what was looked at there is nobody's business here. */
export const elsewhere: Partial<View> = {
  ...{ step: 0, actor: undefined, value: undefined, detour: undefined, search: '', hidden: [], other: undefined },
}

addEventListener('popstate', () => (view.value = readView(location.hash)))

const machines = new Map<number, Machine>()

export const machineOf = (model: number): Machine => {
  const known = machines.get(model) ?? new Machine(page.models[model]!)
  machines.set(model, known)
  return known
}

const recorded = computed(() => page.runs[view.value.run] ?? page.runs[0])
const detour = computed(() => {
  const { detour: asked } = view.value
  return asked && `${asked.after}:${asked.choices.join('.')}`
})

/** The run that is looked at, if there is any. */
export const run = computed(() => {
  // Depends on where the run goes, and not on which of its steps is looked at.
  const asked = detour.value === undefined ? undefined : view.peek().detour
  return recorded.value && follow(page, recorded.value, machineOf(recorded.value.model), asked)
})

export const related = computed(() => (run.value ? relations(run.value.steps, view.value.step) : []))

const whichRows = computed(() => {
  const { rows, search, hidden } = view.value
  return JSON.stringify([rows, search, hidden])
})

export const rows = computed(() => {
  void whichRows.value
  return run.value ? shownRows(page, run.value, view.peek()) : { rows: [], left: 0 }
})

/** Everything is drawn, not only what is seen: for paper. */
export const onPaper = signal(false)
addEventListener('beforeprint', () => (onPaper.value = true))
addEventListener('afterprint', () => (onPaper.value = false))
