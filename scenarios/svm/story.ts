/**
 * A story about shared virtual memory: processes, devices that work on their address spaces, PASIDs; told in every protocol it makes sense in,
 * as posted or merged and as repaired, with whatever devices answer and users do.
 */
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import { linux } from '../../actors/kernel/linux.ts'
import {
  releaseClean,
  releaseFlushed,
  type StopAnswer,
  type SvmChoice,
  type SvmDevice,
} from '../../actors/kernel/sva/describe.ts'
import { svmProtocols } from '../../actors/kernel/sva/shape.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { Sequence } from '../../explore/runs/order.ts'
import type { Property } from '../../explore/system.ts'
import type { SvmForm, SvmProtocol } from '../../machines/sva/bond/forms.ts'
import { scenarioOf, type Expected, type Scenario } from '../told.ts'

/** Those with a form in which their holes are mended; of `rfc29` that is `rfc29-fixed`. */
const mended: readonly SvmProtocol[] = ['container', 'sva-domain']

/** How the story goes, given what its device answers and its user does. */
export interface SvmTelling {
  readonly protocol: SvmProtocol
  readonly as: 'posted' | 'repaired'
  readonly device: StopAnswer
  readonly user: 'unbinds' | 'forgets' | 'lies'
  /** What an honest user says when he unbinds: what his device answered. */
  readonly honest: { readonly flags: number }
}

type Claims = readonly Property<LinuxView>[]

export interface SvmStory extends Pick<LinuxDescription, 'before'>, Pick<SvmChoice, 'queue' | 'failures'> {
  readonly devices?: Readonly<Record<string, SvmDevice>>
  readonly name: string
  readonly windows?: readonly string[]
  readonly source: string
  readonly why: string
  readonly inTable?: Scenario['inTable']
  /** Only runs in this order are looked at: steps and calls by name, of which each comes before the next. */
  readonly order?: readonly Sequence[]
  /** Default: all. */
  readonly protocols?: readonly SvmProtocol[]
  /** The protocol it is about. */
  readonly byDefault: SvmProtocol
  /** Changes every protocol it is told in, in whichever form. */
  readonly but?: Partial<SvmForm>
  readonly pasids?: 1 | 2 | 3
  /** What its device answers unless somebody chooses (default: flushed). */
  readonly answer?: StopAnswer
  /** Whether its user may do otherwise than to unbind. */
  readonly users?: readonly SvmTelling['user'][]
  readonly tasks: LinuxDescription['tasks'] | ((telling: SvmTelling) => LinuxDescription['tasks'])
  readonly properties: Claims | ((telling: SvmTelling) => Claims)
  readonly expected: readonly Expected[]
  /** The same story with something changed. */
  readonly mutants?: readonly SvmVariant[]
}

export type SvmVariant = Partial<Omit<SvmStory, 'mutants' | 'source' | 'inTable'>> & {
  readonly name: string
  readonly why: string
  readonly expected: readonly Expected[]
}

/** The scenario of a story, and its mutants, each called `<name>+<mutant>` and told in the protocol it is about. */
export function onPasids({ mutants = [], ...story }: SvmStory): readonly Scenario[] {
  const { inTable: _, ...rest } = story
  const made = mutants.map((mutant) => ({
    ...told({
      ...rest,
      protocols: [mutant.byDefault ?? story.byDefault],
      ...mutant,
      name: `${story.name}+${mutant.name}`,
    }),
    mutantOf: story.name,
  }))
  return [told(story), ...made]
}

function told({
  protocols = svmProtocols,
  byDefault,
  users = ['unbinds'],
  pasids = 1,
  answer = 'flushed',
  tasks,
  properties,
  devices,
  before = [],
  queue,
  failures,
  but = {},
  ...story
}: Omit<SvmStory, 'mutants'>): Scenario {
  const both = protocols.filter((name) => mended.includes(name))
  const telling = (chosen: Chosen) => tellingOf(chosen, answer, users[0]!)
  return scenarioOf({
    ...story,
    family: 'shared-virtual-memory',
    properties: (chosen) => (typeof properties === 'function' ? properties(telling(chosen)) : properties),
    options: {
      protocol: { values: protocols, byDefault },
      ...(both.length > 0 && { as: { values: ['posted', 'repaired'], only: { protocol: both } } }),
      device: { values: ['flushed', 'clean', 'silent'], otherwise: answer },
      ...(users.length > 1 && { user: { values: users, otherwise: users[0]! } }),
      pasids: { values: ['1', '2', '3'], otherwise: `${pasids}` },
    },
    world: (chosen) =>
      linux({
        ...{ name: story.name, before },
        svm: {
          ...{
            protocol: chosen.protocol,
            but,
            device: telling(chosen).device,
            pasids: Number(chosen.pasids ?? pasids),
          },
          ...(queue !== undefined && { queue }),
          ...(failures !== undefined && { failures }),
          ...(chosen.as && { as: chosen.as }),
        },
        ...(devices && { devices }),
        tasks: typeof tasks === 'function' ? tasks(telling(chosen)) : tasks,
      }),
  })
}

interface Chosen {
  readonly protocol: SvmProtocol
  readonly as?: SvmTelling['as'] | undefined
  readonly device?: StopAnswer | undefined
  readonly user?: SvmTelling['user'] | undefined
}

function tellingOf(chosen: Chosen, answer: StopAnswer, doing: SvmTelling['user']): SvmTelling {
  const { protocol, as = 'posted', device = answer, user = doing } = chosen
  const flags = { flushed: releaseFlushed, clean: releaseClean, silent: 0 }[device]
  return { protocol, as, device, user, honest: { flags } }
}
