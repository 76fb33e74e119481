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
import type { ProfileName } from '../machines/profile.ts'

/** What a person may choose on the command line; a scenario says which values make sense. */
export interface Choices {
  /** The DMA_UNMAP protocol, of stories that are told in several. */
  readonly unmap?: Protocol
  /** The kernel, of stories that are told on a small Linux. */
  readonly profile?: ProfileName
  /** How many tasks do the racing thing (what exactly is the scenario's to say). */
  readonly tasks: number
}

/** What a story of one protocol among several is told with. */
export type ProtocolChoices = Choices & { readonly unmap: Protocol }

/** What a complete search of one choice is expected to say. Checked by the tests, exact numbers included. */
export interface Expected {
  /** Which of the scenario's protocols, or of its kernels. */
  readonly unmap?: Protocol
  readonly profile?: ProfileName
  /** Default: the scenario's. */
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
  readonly choices: {
    readonly unmap: readonly Protocol[]
    readonly profile: readonly ProfileName[]
    readonly tasks: { readonly least: number; readonly most: number }
    readonly default: Choices
  }
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
  readonly tasks?: Story['tasks']
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
  readonly tasks?: { readonly least: number; readonly most: number; readonly byDefault?: number } | undefined
  describe(choices: ProtocolChoices): VfioDescription
  readonly properties?: readonly Property<VfioView>[] | ((choices: ProtocolChoices) => readonly Property<VfioView>[])
  readonly mutants?: readonly Mutant[]
  readonly expected?: readonly Expected[]
}

/** A scenario from a story. Throws what `vfio()` throws when the description does not fit. */
export function scenario(story: Story): Scenario {
  const tasks = story.tasks ?? { least: 1, most: 1 }
  const anyChoice = { unmap: story.byDefault ?? protocolNames[0]!, tasks: tasks.least }
  const unmap = story.unmap ?? [story.describe(anyChoice).unmap]
  const { properties = [] } = story
  // A scenario is only ever given one of its own choices, and every one of these names a protocol.
  const world = (choices: Choices) => vfio({ ...story.describe(choices as ProtocolChoices), name: story.name })
  return {
    name: story.name,
    family: story.family ?? 'own',
    windows: story.windows ?? [],
    source: story.source ?? '',
    why: story.why ?? '',
    choices: {
      unmap,
      profile: [],
      tasks: { least: tasks.least, most: tasks.most },
      default: { unmap: story.byDefault ?? unmap[0]!, tasks: tasks.byDefault ?? tasks.least },
    },
    world,
    system: (choices) => toSystem(world(choices)),
    properties: (choices) => (typeof properties === 'function' ? properties(choices as ProtocolChoices) : properties),
    expected: story.expected ?? [],
  }
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

/** Every protocol, or every kernel, that a scenario is told in: what `relock compare` sets side by side. */
export const formsOf = ({ choices: { unmap, profile } }: Scenario): readonly Partial<Choices>[] =>
  unmap.length > 0 ? unmap.map((each) => ({ unmap: each })) : profile.map((each) => ({ profile: each }))

/** The name of the form that was chosen. */
export const formOf = ({ unmap, profile }: Partial<Choices>): string => unmap ?? profile ?? ''
