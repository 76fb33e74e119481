/**
 * Which property a run violates. A trace does not say: it holds what actors show, and properties look at what actors know. So the run is
 * taken once more through the components, step by step.
 */
import type { Property, Send, System } from '../explore/system.ts'
import type { Trace } from '../explore/trace.ts'
import type { Wrong } from './sides.ts'

type Broken = Extract<Wrong, { readonly what: 'property' }>

/** Messages on their way, as one string: equal when the same things can happen next. */
const onTheWay = (flight: ReadonlyMap<string, readonly string[]>): string =>
  [...flight]
    .filter(([, queue]) => queue.length > 0)
    .sort()
    .map(([lane, queue]) => `${lane}:${queue.join()}`)
    .join(';')

const print = (x: unknown): string => JSON.stringify(x, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))

export const brokenClaim = (system: System<any>, properties: readonly Property[], trace: Trace): Broken | undefined => {
  const locals = new Map(system.components.map(({ id, initial }) => [id, initial as unknown]))
  const components = new Map(system.components.map((component) => [component.id, component]))
  const flight = new Map<string, string[]>()
  const post = ({ to, message }: Send): void => {
    const lane = `${message.from}→${to}`
    flight.set(lane, [...(flight.get(lane) ?? []), print(message)])
  }
  system.start.forEach(post)
  const happened = new Set<Property>()
  const seen = new Map<string, number>()
  const broken = (property: Property, at: number, loopsFrom?: number): Broken => ({
    what: 'property',
    kind: property.kind,
    name: property.name,
    at,
    ...(property.finding === undefined ? {} : { finding: property.finding }),
    ...(loopsFrom === undefined ? {} : { loopsFrom }),
  })
  let loopsFrom: number | undefined
  for (let at = 0; ; at++) {
    const view = system.view((id) => locals.get(id))
    for (const property of properties) {
      if (property.when && !property.when(view)) continue
      const holds = property.holds(view)
      if (holds) happened.add(property)
      if (property.kind === 'always' && !holds) return broken(property, at)
    }
    const key =
      [...components.values()].map((component) => component.key(locals.get(component.id))).join('\n') + onTheWay(flight)
    if (seen.has(key)) loopsFrom ??= seen.get(key)! + 1
    seen.set(key, at)
    const step = trace.steps[at]
    if (step === undefined) break
    locals.set(step.to, components.get(step.to)?.receive(locals.get(step.to), step.message).local)
    flight.get(`${step.from}→${step.to}`)?.shift()
    step.sends.forEach(post)
  }
  const never = properties.find((property) => property.kind === 'eventually' && !happened.has(property))
  if (never === undefined || (trace.end === 'open' && loopsFrom === undefined)) return undefined
  return broken(never, trace.steps.length, trace.end === 'open' ? loopsFrom : undefined)
}
