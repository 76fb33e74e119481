/** Statecharts of every kind, made by fast-check. */
import fc from 'fast-check'
import { createMachine, type AnyStateMachine } from 'xstate'
import { escapes, reserved } from '../../report/statecharts/escapes.ts'

type Pick = fc.GeneratorValue

const texts = [
  ...['a', 'b', 'free', 'held', 'n < 3', 'dev->lock', 'a.b', 'a\\b', 'wait for all', 'LOCK', 'go:on', "it's"],
  ...Object.values(reserved).flat(),
  ...Object.values(escapes).flatMap((rows) => rows.map(({ example }) => example)),
]

interface Shape {
  readonly id: string
  readonly key: string
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly parent: Shape | undefined
  readonly children: Shape[]
}

export interface Charted {
  /** What names are made of; by default anything that a format could stumble over. */
  readonly texts?: readonly string[]
  /** What an interpreter runs to its end, whatever holds: no circle of transitions that wait for nothing, no timer and no other actor. */
  readonly runs?: boolean
}

/** A machine that XState takes. */
export const machineBy = (pick: Pick, { texts: words = texts, runs = false }: Charted = {}): AnyStateMachine => {
  const one = <T>(all: readonly T[]): T => all[pick(fc.nat, all.length - 1)]!
  const chance = (percent: number): boolean => pick(fc.nat, 99) < percent
  const several = (): readonly string[] => Array.from({ length: pick(fc.nat, 2) }, () => one(words))
  const shapes: Shape[] = []

  const shapeOf = (kind: Shape['kind'], key: string, parent: Shape | undefined, depth: number): Shape => {
    const shape: Shape = { id: `n${shapes.length}`, key, kind, parent, children: [] }
    shapes.push(shape)
    if (kind !== 'compound' && kind !== 'parallel') return shape
    const keys = pick(() => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }))
    keys.forEach((each, i) => {
      const nested = depth < 2 && chance(40) ? one(['compound', 'parallel'] as const) : 'atomic'
      const ends = kind === 'compound' ? (['final', 'history', 'atomic'] as const) : (['history', 'atomic'] as const)
      shape.children.push(shapeOf(i > 0 && chance(30) ? one(ends) : nested, each, shape, depth + 1))
    })
    return shape
  }
  const root = shapeOf(chance(80) ? 'compound' : 'parallel', 'm', undefined, 0)

  const targetsFrom = (shape: Shape, forwards: boolean): string | readonly string[] | undefined => {
    if (forwards) {
      const later = (shape.parent?.children ?? []).filter(
        ({ id, kind }) => kind !== 'history' && Number(id.slice(1)) > Number(shape.id.slice(1)),
      )
      return later.length === 0 ? undefined : `#${one(later).id}`
    }
    if (chance(20)) return undefined
    const regions = shapes.filter(({ kind, children }) => kind === 'parallel' && children.length > 1)
    if (regions.length > 0 && chance(20)) {
      const [first, second] = one(regions).children.filter(({ kind }) => kind !== 'history')
      if (first && second) return [first, second].map(({ id }) => `#${id}`)
    }
    return `#${one(shapes).id}`
  }

  const transition = (shape: Shape, forwards = false): object => ({
    target: targetsFrom(shape, forwards),
    ...(chance(40) && { guard: one(words) }),
    actions: several(),
    ...(!forwards && chance(20) && { reenter: true }),
  })
  const some = (shape: Shape, forwards = false): readonly object[] =>
    Array.from({ length: 1 + pick(fc.nat, 1) }, () => transition(shape, forwards))

  const behaviour = (shape: Shape): object => {
    const types = pick(() => fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 }))
    const any = runs ? { '*': { actions: several(), guard: one(words) } } : { '*': some(shape), 'mouse.*': some(shape) }
    return {
      on: { ...Object.fromEntries(types.map((type) => [type, some(shape)])), ...(chance(20) && any) },
      ...(shape.parent && chance(20) && { always: some(shape, runs).filter((each) => !runs || 'target' in each) }),
      ...(shape.parent && shape.children.length > 0 && chance(40) && { onDone: some(shape, runs) }),
      ...(!runs && chance(15) && { after: { 100: some(shape), soon: some(shape) } }),
      ...(!runs &&
        chance(15) && {
          invoke: { id: `actor ${shape.id}`, src: one(words), onDone: some(shape), onError: some(shape) },
        }),
      ...(chance(20) && { meta: { defers: [one(words), { type: one(words), unless: one(words) }] } }),
    }
  }

  const configOf = (shape: Shape): object => {
    const { id, key, kind, children } = shape
    if (kind === 'history') {
      const to = shape.parent!.children.filter((each) => each.kind !== 'history')
      // In a parallel state a place for one region would leave the others to chance.
      const first = shape.parent!.kind === 'compound' && chance(50) ? { target: `#${one(to).id}` } : {}
      return { id, type: 'history', history: one(['shallow', 'deep']), ...first }
    }
    const begins = children.filter((child) => child.kind !== 'history' && child.kind !== 'final')
    return {
      id: shape.parent ? id : key,
      ...(kind === 'parallel' || kind === 'final' ? { type: kind } : {}),
      ...(kind === 'compound' && {
        initial: chance(30) ? { target: one(begins).key, actions: several() } : one(begins).key,
      }),
      entry: several(),
      exit: several(),
      ...(kind !== 'final' && behaviour(shape)),
      states: Object.fromEntries(children.map((child) => [child.key, configOf(child)])),
    }
  }
  // The root is called by its key.
  const text = JSON.stringify(configOf(root)).replaceAll('"#n0"', '"#m"')
  return createMachine(JSON.parse(text) as Parameters<typeof createMachine>[0])
}
