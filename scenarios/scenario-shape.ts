/** What the default export of a file has to be: the type of told.ts, told again for whoever makes one by hand. */
import { inversions } from '../explore/shapes.ts'
import { callable, listOf, name, record, text, type Shape } from '../shapes/shape.ts'
import { choosingShape } from './choice-shape.ts'
import type { Scenario } from './told.ts'
import { about, expectations, inTable, mutantOf } from './told-shape.ts'

export const scenarioShape: Shape<Scenario> = record<Scenario>({
  name: about.name,
  family: name('a name: the group it is listed under'),
  windows: listOf('a list of windows, as in docs/FIDELITY.md', text),
  source: text,
  why: text,
  mutantOf,
  inTable,
  inversions,
  choices: choosingShape,
  world: callable('a function of what was chosen that answers a world'),
  system: callable('a function of what was chosen that answers a system'),
  properties: callable('a function of what was chosen that answers a list of properties'),
  expected: expectations<Scenario['expected'][number]>(),
})
