/**
 * What a scenario is: one story, told as a system, its properties, and what is expected to be found.
 *
 * A story needs no more than a name, a description of a VFIO system and properties; `scenario()` fills in the rest:
 *
 *   export default scenario({
 *     name: 'two-unmappers',
 *     describe: ({ unmap: protocol }) => ({ unmap: protocol, containers: {…}, tasks: {…} }),
 *     properties: [always('…', (w) => …), sometimes('…', (w) => …)],
 *   })
 */
import { toSystem } from '../actors/system.ts'
import { vfio } from '../actors/vfio/build.ts'
import type { VfioDescription } from '../actors/vfio/describe.ts'
import { protocolNames, type Protocol } from '../actors/vfio/protocols.ts'
import type { VfioView } from '../actors/vfio/view.ts'
import type { World } from '../actors/world.ts'
import type { Property, System } from '../explore/system.ts'
import { choosing, type Choices, type ChosenFrom, type Choosing, type Options, type Tasks } from './choices.ts'

export type { Choices }

/** What a story of one protocol among several is told with. */
export type ProtocolChoices = Choices & { readonly unmap: Protocol }

/** What a complete search of one choice is expected to say. Checked by the tests, exact numbers included. What is not named is the default. */
export interface Expected extends Partial<Choices> {
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
  readonly choices: Choosing
  world(choices: Choices): World<any>
  system(choices: Choices): System<any>
  properties(choices: Choices): readonly Property[]
  readonly expected: readonly Expected[]
}

/** A scenario with something broken on purpose: the same properties must catch it, or they are worth nothing. */
export interface Mutant {
  readonly name: string
  readonly why: string
  readonly unmap: readonly Protocol[]
  readonly tasks?: Tasks
  describe(choices: ProtocolChoices): VfioDescription
  readonly expected: readonly Expected[]
}

export interface Story {
  readonly name: string
  readonly family?: string
  readonly windows?: readonly string[]
  readonly source?: string
  readonly why?: string
  /** Default: the one protocol that `describe` asks for. */
  readonly unmap?: readonly Protocol[]
  /** Which of them when none is asked for (default: the first). */
  readonly byDefault?: Protocol
  readonly tasks?: Tasks | undefined
  describe(choices: ProtocolChoices): VfioDescription
  readonly properties?: readonly Property<VfioView>[] | ((choices: ProtocolChoices) => readonly Property<VfioView>[])
  readonly mutants?: readonly Mutant[]
  readonly expected?: readonly Expected[]
}

/** What any scenario is made of; what is chosen from `options` is what its world and its properties are given. */
export interface Told<O extends Options> {
  readonly name: string
  readonly family?: string
  readonly windows?: readonly string[]
  readonly source?: string
  readonly why?: string
  readonly mutantOf?: string
  readonly inTable?: Scenario['inTable']
  readonly options?: O
  readonly tasks?: Tasks | undefined
  world(choices: ChosenFrom<O>): World<any>
  readonly properties?: readonly Property[] | ((choices: ChosenFrom<O>) => readonly Property[])
  readonly expected?: readonly Expected[]
}

/** A scenario of any world. */
export function toScenario<const O extends Options>(told: Told<O>): Scenario {
  const { name, options, tasks, mutantOf, inTable, properties = [] } = told
  // A scenario is only ever given what can be chosen from its own options.
  const world = (choices: Choices) => told.world(choices as unknown as ChosenFrom<O>)
  return {
    name,
    family: told.family ?? 'own',
    windows: told.windows ?? [],
    source: told.source ?? '',
    why: told.why ?? '',
    ...(mutantOf !== undefined && { mutantOf }),
    ...(inTable && { inTable }),
    choices: choosing(options, tasks),
    world,
    system: (choices) => toSystem(world(choices)),
    properties: (choices) =>
      typeof properties === 'function' ? properties(choices as unknown as ChosenFrom<O>) : properties,
    expected: told.expected ?? [],
  }
}

/** A scenario from a story. Throws what `vfio()` throws when the description does not fit. */
export function scenario(story: Story): Scenario {
  const { name, byDefault, tasks = { least: 1 } } = story
  const anyChoice = { unmap: byDefault ?? protocolNames[0]!, tasks: tasks.least }
  const values = story.unmap ?? [story.describe(anyChoice).unmap]
  return toScenario({
    ...story,
    options: { unmap: { values, ...(byDefault && { byDefault }) } },
    world: (choices) => vfio({ ...story.describe(choices), name }),
  })
}

/** A story's scenario and its mutants, each of which is a scenario called `<name>+<mutant>`. */
export function withMutants(story: Story): readonly Scenario[] {
  const { mutants = [], byDefault: _, ...rest } = story
  const made = mutants.map((mutant) => ({
    ...scenario({ ...rest, ...mutant, tasks: mutant.tasks ?? rest.tasks, name: `${story.name}+${mutant.name}` }),
    mutantOf: story.name,
  }))
  return [scenario(story), ...made]
}
