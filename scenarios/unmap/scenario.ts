/**
 * Stories of VFIO.
 *
 * A story needs no more than a name, a description of a Linux and properties; `scenario()` fills in the rest:
 *
 *   export default scenario({
 *     name: 'two-unmappers',
 *     describe: ({ unmap: protocol }) => ({ unmap: protocol, containers: {…}, tasks: {…} }),
 *     properties: [always('…', (w) => …), sometimes('…', (w) => …)],
 *   })
 */
import { formOf } from '../../actors/kernel/chosen.ts'
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import { linuxShape } from '../../actors/kernel/shape.ts'
import { protocolNames, type Protocol } from '../../actors/kernel/unmap/protocol-names.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { World } from '../../actors/world/world.ts'
import type { ModelError } from '../../explore/errors.ts'
import type { Inversions } from '../../explore/outcome/report.ts'
import type { Property } from '../../explore/system.ts'
import { insist, misdescribed, problemAt } from '../../shapes/insist.ts'
import type { Choices, Tasks } from '../choices.ts'
import { scenarioOf, type Expected, type Orders, type Scenario } from '../told.ts'
import { drivers } from './drivers.ts'

export type { Choices, Expected, Scenario }

/** What a story of one protocol among several is told with. */
export type ProtocolChoices = Choices & { readonly unmap: Protocol }

/** A scenario with something broken on purpose: the same properties must catch it, or they are worth nothing. */
export interface Mutant {
  readonly name: string
  readonly why: string
  readonly unmap: readonly Protocol[]
  readonly tasks?: Tasks
  describe(choices: ProtocolChoices): LinuxDescription
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
  readonly inversions?: Inversions
  /** Only runs in this order are looked at. */
  readonly order?: Orders<ProtocolChoices>
  describe(choices: ProtocolChoices): LinuxDescription
  readonly properties?: readonly Property<LinuxView>[] | ((choices: ProtocolChoices) => readonly Property<LinuxView>[])
  readonly mutants?: readonly Mutant[]
  readonly expected?: readonly Expected[]
}

/** A scenario from a story, on such a Linux. Throws a ModelError that names what in what it describes does not fit. */
export function scenarioOn(linux: (description: LinuxDescription) => World<LinuxView>, story: Story): Scenario {
  const { unmap, byDefault, tasks = { least: 1 } } = story
  const anyChoice = { unmap: byDefault ?? protocolNames[0], tasks: tasks.least }
  const values = unmap ?? [protocolIn(describedBy(story, anyChoice))]
  return scenarioOf({
    ...story,
    options: { unmap: { values, ...(byDefault && { byDefault }) } },
    world(choices) {
      const description = describedBy(story, choices)
      const protocol = protocolIn(description)
      if (protocol === choices.unmap) return linux({ ...description, name: story.name })
      throw tellsAnother(protocol, choices.unmap)
    },
  })
}

/** What a story describes for these choices. */
function describedBy(story: Story, choices: ProtocolChoices): LinuxDescription {
  const description: unknown = story.describe(choices)
  insist(linuxShape, description, 'describe()')
  return description
}

function protocolIn({ unmap }: LinuxDescription): Protocol {
  if (unmap !== undefined) return formOf(unmap).protocol
  const missing = { is: 'missing', found: undefined, expected: `one of ${protocolNames.join(', ')}` } as const
  const hint =
    'scenario() is of drivers that pin; others are told by onDevices(), onPasids(), or toScenario() with linux().'
  throw misdescribed('describe()', [problemAt(['unmap'], { ...missing, hint })])
}

const tellsAnother = (unmap: Protocol, chosen: Protocol): ModelError =>
  misdescribed('describe()', [
    problemAt(['unmap'], {
      ...{ is: 'wrong', found: unmap, expected: chosen },
      why: `it was asked for ${chosen}`,
      hint: 'Hand on what was chosen: describe: ({ unmap: protocol }) => ({ unmap: protocol, … })',
    }),
  ])

/** A story's scenario and its mutants, each of which is a scenario called `<name>+<mutant>`. */
export function withMutants(story: Story): readonly Scenario[] {
  const { mutants = [], byDefault: _, ...rest } = story
  const made = mutants.map((mutant) => ({
    ...scenarioOn(drivers, {
      ...rest,
      ...mutant,
      tasks: mutant.tasks ?? rest.tasks,
      name: `${story.name}+${mutant.name}`,
    }),
    mutantOf: story.name,
  }))
  return [scenarioOn(drivers, story), ...made]
}
