/** What a scenario may be made of: the types of told.ts, told again for whoever has no compiler. */
import { inversions, orderShape, propertiesShape } from '../explore/shapes.ts'
import { insist } from '../shapes/insist.ts'
import {
  byName,
  callable,
  either,
  listOf,
  name,
  oneOf,
  optional,
  record,
  text,
  that,
  whole,
  type FieldsOf,
  type Optional,
  type Shape,
} from '../shapes/shape.ts'
import type { Options } from './choices.ts'
import { optionsShape, tasksShape } from './choice-shape.ts'
import type { Expected, Scenario, Told } from './told.ts'

/** What every kind of story says of itself. */
export const about = {
  name: name('a name: what the scenario is called'),
  windows: optional(listOf('a list of windows, as in docs/FIDELITY.md', text)),
  source: optional(text),
  why: optional(text),
}

export const family = optional(name('a name: the group it is listed under'))

export const inTable = optional(
  either<NonNullable<Scenario['inTable']>>('true, or a list of kinds of findings', (given) =>
    given === true ? yes : listOf('true, or a list of kinds of findings', name('a kind of finding')),
  ),
)
const yes = that<true>('true', (given) => given === true)

/** An order, or a function that tells it when something was chosen. */
export const orders = <O>(): Optional<O> =>
  optional(
    either<O>('a list of orders, or a function of what was chosen that answers one', (given) =>
      typeof given === 'function' ? callable() : orderShape,
    ),
  )

export const mutantOf = optional(name('the name of a scenario'))

/** Properties, or a function that tells them when something was chosen. */
export const claims = <P>(): Shape<P> =>
  either<P>('a list of properties, or a function of what was chosen that answers one', (given) =>
    typeof given === 'function' ? callable() : propertiesShape,
  )

/** Each entry is looked at once it is known what can be chosen (`expectedOf`). */
export const expectations = <E>(): Shape<readonly E[]> =>
  listOf('a list of { findings, states, … }', that<E>('{ findings, states, … }', isObject))

const isObject = (given: unknown): boolean => typeof given === 'object' && given !== null

const expectedOf = (options: Options): Shape<readonly Expected[]> => {
  const fields: Record<string, Shape<any> | Optional<any>> = {
    tasks: optional(whole(1)),
    findings: listOf('a list of titles', name('the title of a finding')),
    verdicts: optional(byName('verdicts by the names of properties', oneOf(['violated', 'unseen']))),
    states: whole(0),
  }
  for (const [of, { values }] of Object.entries(options)) fields[of] = optional(oneOf<string>(values))
  return listOf('a list of { findings, states, … }', record<Expected>(fields as FieldsOf<Expected>))
}

export const toldShape = record<Told<Options>>({
  ...about,
  family,
  mutantOf,
  inTable,
  inversions,
  order: orders<NonNullable<Told<Options>['order']>>(),
  options: optional(optionsShape),
  tasks: optional(tasksShape),
  world: callable('a function of what was chosen that answers a world'),
  properties: optional(claims<NonNullable<Told<Options>['properties']>>()),
  expected: optional(expectations<NonNullable<Told<Options>['expected']>[number]>()),
})

/** What is expected of the scenarios that `what` has made, a story's and its mutants', is what can be chosen for them. */
export function insistOnExpected(what: string, ...made: readonly Scenario[]): void {
  for (const [index, { choices, expected }] of made.entries()) {
    const at = [...(index === 0 ? [] : ['mutants', index - 1]), 'expected']
    insist(expectedOf(choices.options), expected, what, at)
  }
}
