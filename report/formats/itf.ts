/**
 * Apalache's Informal Trace Format: Quint and the ITF trace viewer read it. Each state has a variable for every actor, and one for what is on
 * its way; what it has no word for (numbers that are not whole, nothing at all) is written as the format says.
 */
import type { Send, Shown } from '../../explore/system.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import type { Wrong } from '../sides.ts'
import { stepNames } from './json.ts'
import { printJson } from '../json.ts'

type Value = string | boolean | readonly Value[] | { readonly [field: string]: Value }

const nothing: Value = { tag: 'None', value: { '#tup': [] } }

/** Names that a reader takes for something else: marks of the format, variants, and what Quint keeps for itself. */
const isOdd = (names: readonly string[]): boolean =>
  names.some((name) => name.startsWith('#') || name.startsWith('__')) || names.includes('tag')

const valueOf = (data: unknown): Value => {
  if (typeof data === 'string' || typeof data === 'boolean') return data
  if (typeof data === 'bigint' || Number.isInteger(data)) return { '#bigint': `${data as bigint}` }
  if (Array.isArray(data)) return data.map(valueOf)
  if (typeof data === 'number') return { '#unserializable': `${data}` }
  if (typeof data !== 'object' || data === null) return nothing
  const fields = Object.entries(data).filter(([, value]) => value !== undefined)
  if (isOdd(fields.map(([name]) => name))) return { '#map': fields.map(([name, value]) => [name, valueOf(value)]) }
  return Object.fromEntries(fields.map(([name, value]) => [name, valueOf(value)]))
}

/** An actor may be called as no variable can be. */
export const variableOf = (id: string): string => (/^(?:#|__)/.test(id) ? `actor ${id}` : id)

/** What is on its way, oldest first; no actor can be called so. */
const underWay = 'in flight'
const taken = 'mbt::actionTaken'
const picks = 'mbt::nondetPicks'

/** `start` is what is in flight when the run begins. */
export const itf = (trace: Trace, start: readonly Send[], wrong: Wrong | undefined): string => {
  const now = new Map<string, Shown>(Object.entries(trace.initial))
  let flight: readonly Send[] = start
  const stateAt = (index: number, action: string, choice: Value): object => ({
    '#meta': { index },
    ...Object.fromEntries([...now].map(([id, { state, data }]) => [variableOf(id), valueOf({ state, data })])),
    [underWay]: flight.map(({ to, message }) => valueOf({ to, message })),
    [taken]: action,
    [picks]: { choice },
  })
  const names = stepNames(trace)
  const states = [
    stateAt(0, 'init', nothing),
    ...trace.steps.map(({ number, choice, from, to, after, sends }) => {
      now.set(to, after)
      // A lane keeps its order, so the oldest message is the one that was heard.
      const heard = flight.findIndex((each) => each.to === to && each.message.from === from)
      flight = [...flight.toSpliced(heard, 1), ...sends]
      return stateAt(number, names[number - 1]!, { tag: 'Some', value: valueOf(choice) })
    }),
  ]
  const loop = wrong?.what === 'property' ? wrong.loopsFrom : undefined
  const document = {
    '#meta': {
      format: 'ITF',
      source: trace.system,
      fingerprint: trace.fingerprint,
      status: wrong ? 'violation' : 'ok',
    },
    vars: [...Object.keys(trace.initial).map(variableOf), underWay, taken, picks],
    states,
    // The last state is the one before the step from which on it goes round: what follows it is the state after that step.
    ...(loop !== undefined && { loop }),
  }
  return printJson(document, 0)
}
