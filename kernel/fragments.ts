/** What a procedure's chart is put together from: states, where they lead, and names for them. */
import type { Fragment } from './step.ts'

export interface Transition {
  target: string
  readonly guard?: string
  readonly actions?: readonly string[]
}

export interface State {
  readonly entry?: readonly string[]
  on?: Record<string, readonly Transition[]>
  always?: Transition[]
}

export type Connect = (state: string) => void

export const leads =
  (transition: Transition): Connect =>
  (state) =>
    void (transition.target = targeted(state))

/** A target is a path for XState, unless its dots are no dots. */
export const targeted = (state: string): string => state.replaceAll('.', '\\.')

export function oneAfterTheOther(fragments: readonly Fragment[]): Fragment {
  const real = fragments.filter(({ entry }) => entry !== undefined)
  real.forEach(({ connect }, at) => {
    if (at + 1 < real.length) connect(real[at + 1]!.entry!)
  })
  return { entry: real[0]?.entry, connect: (next) => real.at(-1)?.connect(next) }
}

/** What stands behind a return or a goto is never come to, and is left out. */
export function reachedFrom(start: string, states: Readonly<Record<string, State>>): ReadonlySet<string> {
  const byTarget = new Map(Object.entries(states).map(([name, state]) => [targeted(name), state]))
  const reached = new Set([start])
  for (const name of reached) {
    const { on = {}, always = [] } = byTarget.get(name)!
    for (const { target } of [...Object.values(on).flat(), ...always]) reached.add(target)
  }
  return reached
}

/** The first state of a circle of such that ask nobody: it would never come to an end, and no other thread could come in between. */
export function endlessIn(states: ReadonlyMap<string, State>): string | undefined {
  const passing = new Map(
    [...states].flatMap(([name, { always }]) =>
      always ? [[targeted(name), always.map(({ target }) => target)] as const] : [],
    ),
  )
  const done = new Set<string>()
  const follow = (state: string, way: readonly string[]): string | undefined => {
    if (way.includes(state)) return state
    if (done.has(state)) return undefined
    for (const next of passing.get(state) ?? []) {
      const endless = passing.has(next) ? follow(next, [...way, state]) : undefined
      if (endless !== undefined) return endless
    }
    done.add(state)
    return undefined
  }
  for (const state of passing.keys()) {
    const endless = follow(state, [])
    if (endless !== undefined) return endless
  }
  return undefined
}

/** A name of its own: numbered where there is one already. */
export function free(words: string, isTaken: (name: string) => boolean): string {
  let name = words
  for (let n = 2; isTaken(name); n++) name = `${words} (${n})`
  return name
}
