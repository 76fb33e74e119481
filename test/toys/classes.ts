/** Classes of runs, and what may change places, by going through runs and states one by one. */
import type { Delivery } from '../../explore/stateless/dependence.ts'
import type { Stateless } from '../../explore/stateless/stateless.ts'
import type { System } from '../../explore/system.ts'
import { canonical } from './component.ts'
import { initial, keyOf, take, takeable, type State, type Taken } from './meaning.ts'

/** Here a crash ends the run for its receiver alone. */
interface Place {
  readonly state: State
  readonly crashed: ReadonlySet<string>
}

interface Step extends Delivery {
  readonly name: string
  readonly to: string
}

const stepsAt = (system: System<any>, { tables }: Stateless, { state, crashed }: Place): readonly Step[] =>
  takeable(system, state).flatMap((name) => {
    const [from = '', to = '', type] = name.split(/ → | offers /)
    if (crashed.has(to)) return []
    const head = state.lanes.get(name)?.[0]?.message
    const lane = tables.lanes.findIndex((each) => each.from === from && each.to === to && each.offer === type)
    const message = tables.messages[tables.indexOf(to)]!.findIndex((each) =>
      head ? canonical(each) === canonical(head) : each.from === from && each.type === type,
    )
    return [{ lane, message, name, to }]
  })

const behind = (
  system: System<any>,
  { state, crashed }: Place,
  { name, to }: Step,
): Place & { readonly taken: Taken } => {
  const taken = take(system, state, name)
  if (!taken.crashed) return { state: taken.state, crashed, taken }
  const lanes = new Map(state.lanes)
  const left = lanes.get(name)?.slice(1) ?? []
  if (left.length > 0) lanes.set(name, left)
  else lanes.delete(name)
  return { state: { locals: state.locals, lanes }, crashed: new Set([...crashed, to]), taken }
}

const start = (system: System<any>): Place => ({ state: initial(system), crashed: new Set() })

/** How many classes there are by what a search takes to be dependent. Undefined: there are more runs than `most`. */
export const classesOf = (system: System<any>, search: Stateless, most: number): number | undefined => {
  const classes = new Set<string>()
  let runs = 0
  const go = (place: Place, way: readonly Step[]): boolean => {
    const steps = stepsAt(system, search, place)
    if (steps.length > 0) return steps.every((step) => go(behind(system, place, step), [...way, step]))
    classes.add(classOf(way, search))
    return ++runs <= most
  }
  return go(start(system), []) ? classes.size : undefined
}

/** A class is told by its steps, each named by its lane and its place on it, and by the order of those that are dependent. */
const classOf = (way: readonly Step[], { dependence }: Stateless): string => {
  const counts = new Map<string, number>()
  const named = way.map((step) => {
    const count = (counts.get(step.name) ?? 0) + 1
    counts.set(step.name, count)
    return { ...step, id: `${step.name} ${count}` }
  })
  const order = named.flatMap((one, at) =>
    named.slice(at + 1).flatMap((other) => (dependence.areDependent(one, other) ? [`${one.id} < ${other.id}`] : [])),
  )
  return [...named.map(({ id }) => id).toSorted(), ...order.toSorted()].join('\n')
}

/** Two steps that a search takes to be independent, and that are not in some state; undefined: there are none, in so many states at most. */
export const falselyIndependent = (system: System<any>, search: Stateless, most: number): string | undefined => {
  const met = new Set<string>()
  const open = [start(system)]
  const textOf = ({ state, crashed }: Place) => [keyOf(system, state), ...[...crashed].toSorted()].join('\n')
  const said = ({ titles, ignored, sends }: Taken) => canonical([titles, ignored, sends])
  for (let place = open.pop(); place && met.size < most; place = open.pop()) {
    const key = textOf(place)
    if (met.has(key)) continue
    met.add(key)
    const here = place
    const steps = stepsAt(system, search, here)
    const next = steps.map((step) => behind(system, here, step))
    open.push(...next)
    for (const [at, one] of steps.entries()) {
      const free = (step: Step) => step !== one && !search.dependence.areDependent(one, step)
      const then = stepsAt(system, search, next[at]!)
      const isThere = (all: readonly Step[], { lane, message }: Step) =>
        all.some((each) => each.lane === lane && each.message === message)
      for (const [index, other] of steps.entries()) {
        if (!free(other)) continue
        if (!isThere(then, other)) return `${one.name} keeps ${other.name} away in ${key}`
        const [oneWay, otherWay] = [behind(system, next[at]!, other), behind(system, next[index]!, one)]
        const isSame =
          textOf(oneWay) === textOf(otherWay) &&
          said(oneWay.taken) === said(next[index]!.taken) &&
          said(otherWay.taken) === said(next[at]!.taken)
        if (!isSame) return `${one.name} and ${other.name} come to something else in ${key}`
      }
      for (const other of then) {
        const isSent = next[at]!.taken.sends.length > 0 && !here.state.lanes.has(other.name)
        if (free(other) && !isSent && !isThere(steps, other) && other.lane !== one.lane)
          return `${one.name} lets ${other.name} come in ${key}`
      }
    }
  }
  return undefined
}
