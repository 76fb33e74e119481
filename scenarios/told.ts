/** What a scenario is: one story, told as a system of whatever world, its properties, and what is expected to be found. */
import { sharedSystem } from '../actors/running/shared.ts'
import type { World } from '../actors/world/world.ts'
import { canonical } from '../explore/states/canonical.ts'
import type { Inversions } from '../explore/outcome/report.ts'
import { orderShape, propertiesShape } from '../explore/shapes.ts'
import type { Sequence } from '../explore/runs/order.ts'
import type { Property, System } from '../explore/system.ts'
import { insist } from '../shapes/insist.ts'
import {
  choosing,
  type Choices,
  type ChoiceName,
  type ChosenFrom,
  type Choosing,
  type KnownChoices,
  type Options,
  type Tasks,
} from './choices.ts'
import { inOrderOfCalls } from './order.ts'

export type { Choices }

/** What a complete search of one choice is expected to say. Checked by the tests, exact numbers included. What is not named is the default. */
export interface Expected extends KnownChoices {
  readonly tasks?: number
  /** Titles of what is found, sorted; empty: nothing wrong. */
  readonly findings: readonly string[]
  /** Property → verdict, for those that do not hold (always, eventually) or are not seen (sometimes). */
  readonly verdicts?: Readonly<Record<string, 'violated' | 'unseen'>>
  /** States stored by the reduced search. */
  readonly states: number
}

export interface Scenario {
  readonly name: string
  /** Which group it is listed under: `unmap`, `register`, … */
  readonly family: string
  /** The windows of the literature it shows, as in docs/FIDELITY.md: V13-1, M-3 … */
  readonly windows: readonly string[]
  /** Mail, commit or kernel version it comes from; says so when it is derived rather than reported. */
  readonly source: string
  /** A paragraph: why it matters. */
  readonly why: string
  /** Set on a mutant: the scenario it was made from, whose properties have to catch it. */
  readonly mutantOf?: string
  /**
   * It has a part in the table of its family (`relock compare <family>`). Without any such, all of the family have. A list names kinds of
   * findings that have a row even where nobody finds one.
   */
  readonly inTable?: true | readonly string[]
  /** Which inversions of the order of locks make a verdict violated, when nobody asks (default: all). */
  readonly inversions?: Inversions
  readonly choices: Choosing
  /** Of what was chosen; where it has an order, that of its runs. */
  world(choices: Choices): World<any>
  system(choices: Choices): System<any>
  properties(choices: Choices): readonly Property[]
  readonly expected: readonly Expected[]
}

/**
 * Only runs in this order are looked at, all the rest is free: lists of calls of tasks (`vmm0/unmap`, the second time `vmm0/unmap #2`) and of steps
 * (`from → to TYPE`), of which each comes before the next. Of a call that is that it returns, before the next is made.
 */
export type Orders<Chosen> = readonly Sequence[] | ((choices: Chosen) => readonly Sequence[])

/** What any scenario is made of; what is chosen from `options` is what its world and its properties are given. */
export interface Told<O extends Options> {
  readonly name: string
  readonly family?: string
  readonly windows?: readonly string[]
  readonly source?: string
  readonly why?: string
  readonly mutantOf?: string
  readonly inTable?: Scenario['inTable']
  readonly inversions?: Inversions
  readonly order?: Orders<ChosenFrom<O>>
  readonly options?: O
  readonly tasks?: Tasks | undefined
  world(choices: ChosenFrom<O>): World<any>
  readonly properties?: readonly Property[] | ((choices: ChosenFrom<O>) => readonly Property[])
  readonly expected?: readonly (Expected & Partial<Omit<ChosenFrom<O>, ChoiceName>>)[]
}

/**
 * A scenario of any world, for stories that the compiler has looked at: ours. What others tell comes through a door that checks it
 * (to-scenario.ts, doors.ts).
 */
export function scenarioOf<const O extends Options>(told: Told<O>): Scenario {
  const { name, options, tasks, mutantOf, inTable, inversions, order, properties = [], expected = [] } = told
  // A scenario is only ever given what can be chosen from its own options.
  const chosenFrom = (choices: Choices) => choices as unknown as ChosenFrom<O>
  // Who asks for the same again gets the same, and what was learned about it.
  let last: { readonly asked: string; readonly world: World<any> } | undefined
  const world = (choices: Choices) => {
    const asked = canonical(choices)
    if (last?.asked !== asked) last = { asked, world: told.world(chosenFrom(choices)) }
    // What is no world is refused by whoever makes a system of it.
    if (last.world instanceof Object) worlds.set(last.world, { scenario: name, choices })
    return last.world
  }
  const ordered = new WeakMap<System<any>, System<any>>()
  return {
    name,
    family: told.family ?? 'own',
    windows: told.windows ?? [],
    source: told.source ?? '',
    why: told.why ?? '',
    ...(mutantOf !== undefined && { mutantOf }),
    ...(inTable && { inTable }),
    ...(inversions && { inversions }),
    choices: choosing(options, tasks),
    world,
    system(choices) {
      const system = sharedSystem(world(choices))
      if (order === undefined) return system
      const known = ordered.get(system)
      if (known) return known
      const sequences: unknown = typeof order === 'function' ? order(chosenFrom(choices)) : order
      insist(orderShape, sequences, `The scenario ${name}`, ['order'])
      const made = inOrderOfCalls(system, sequences as readonly Sequence[])
      ordered.set(system, made)
      return made
    },
    properties(choices) {
      if (typeof properties !== 'function') return properties
      const claims: unknown = properties(chosenFrom(choices))
      insist(propertiesShape, claims, `The scenario ${name}`, ['properties'])
      return claims as readonly Property[]
    },
    expected,
  }
}

/** A scenario's name and what was chosen. */
export interface ToldAs {
  readonly scenario: string
  readonly choices: Choices
}

const worlds = new WeakMap<World<any>, ToldAs>()

/** What a world is the world of; undefined when no scenario made it. */
export const toldAs = (world: World<any>): ToldAs | undefined => worlds.get(world)
