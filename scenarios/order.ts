/** An order of steps and calls: of a call that stands first it is that it returns, of one that comes then that it is made. */
import { sameWorld } from '../actors/running/system.ts'
import { ModelError } from '../explore/errors.ts'
import { inOrder, type Sequence } from '../explore/runs/order.ts'
import type { System } from '../explore/system.ts'
import { nearest, toChooseFrom } from '../shapes/nearest.ts'

/** Only runs of a system in which each of these comes before the next. Throws a ModelError where that cannot be kept to. */
export function inOrderOfCalls(system: System<any>, sequences: readonly Sequence[]): System<any> {
  const ids = system.components.map(({ id }) => id)
  const known: Known = { ids, calls: ids.filter((id) => ids.includes(callerOf(id))) }
  const steps = sequences.flatMap((names, at) => {
    const placed = names.map((name, step) => ({ name, place: `order[${at}][${step}]` }))
    return placed.length < 2
      ? [names]
      : placed
          .slice(1)
          .map((second, step): Sequence => [stepOf(placed[step]!, 'returns', known), stepOf(second, 'is made', known)])
  })
  // Only to see a circle of calls, which is none of steps.
  const all = [...steps, ...(system.order?.rules ?? []).map(({ said }) => said)]
  inOrder(system, [...steps, ...all.flat().flatMap((step) => madeBefore(step, known))])
  return sameWorld(inOrder(system, steps), system)
}

interface Known {
  readonly ids: readonly string[]
  readonly calls: readonly string[]
}

interface Placed {
  readonly name: string
  readonly place: string
}

/** A call is made before it returns. */
function madeBefore(step: string, { calls }: Known): readonly Sequence[] {
  const [, call, nth = ''] = /^(\S+) → \S+ RETURN((?: #\d+)?)$/.exec(step) ?? []
  return call !== undefined && calls.includes(call) ? [[`${callerOf(call)} → ${call} CALL${nth}`, step]] : []
}

/** `vmm0` of `vmm0/unmap`. */
const callerOf = (call: string): string => call.slice(0, Math.max(0, call.lastIndexOf('/')))

function stepOf({ name, place }: Placed, when: 'returns' | 'is made', known: Known): string {
  if (name.includes(' → ')) return name
  const [, call, nth = ''] = /^(.*?)((?: #\d+)?)$/.exec(name)!
  if (!known.calls.includes(call!)) throw noCall(call!, place, known)
  const caller = callerOf(call!)
  return when === 'returns' ? `${call} → ${caller} RETURN${nth}` : `${caller} → ${call} CALL${nth}`
}

function noCall(name: string, place: string, { ids, calls }: Known): ModelError {
  const own = calls.filter((call) => callerOf(call) === name)
  const hint = 'Name a call of a task, the second time `vmm0/map #2`, or a step, `vmm0 → vmm0/map CALL`.'
  const said =
    own.length > 0
      ? `${name} is a task, which is all of its calls: name one of them.`
      : ids.includes(name)
        ? `${name} is an actor, and no step: name what it hears, and from whom.`
        : `there is no call "${name}".${guessed(name, calls)}`
  return new ModelError('unknown-actor', `${place}: ${said}`, [['calls', listed(own.length > 0 ? own : calls)]], hint)
}

const guessed = (name: string, calls: readonly string[]): string => {
  const guess = nearest(name, calls)
  return guess === undefined ? '' : ` Did you mean "${guess}"?`
}

const listed = (calls: readonly string[]): string => toChooseFrom(calls) || 'none'
