/**
 * A story about device memory: devices, what was done before, what several threads do at once; told in every protocol, as posted and as
 * repaired, with whatever becomes of mappings on memory disable, on platforms that log and on such that die.
 */
import { protocolNames } from '../../actors/kernel/device-memory/shape.ts'
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import type { DeviceDescription } from '../../actors/kernel/device-memory/describe.ts'
import { linux } from '../../actors/kernel/linux.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { Sequence } from '../../explore/runs/order.ts'
import type { Property } from '../../explore/system.ts'
import type { Form, ProtocolName, Repair } from '../../machines/type1/device-memory/forms.ts'
import { scenarioOf, type Expected, type Scenario } from '../told.ts'

/** Those of which something was mended. */
const mended = protocolNames.filter((name) => name !== 'none')

type Claims = readonly Property<LinuxView>[]

export interface DeviceStory extends Pick<LinuxDescription, 'before' | 'tasks'> {
  readonly devices: Readonly<Record<string, DeviceDescription>>
  readonly name: string
  readonly windows?: readonly string[]
  readonly source: string
  readonly why: string
  readonly inTable?: Scenario['inTable']
  /** Only runs in this order are looked at: steps and calls by name, of which each comes before the next. */
  readonly order?: readonly Sequence[]
  /** The protocol it is about. */
  readonly byDefault: ProtocolName
  /** Changes every protocol it is told in, as posted. */
  readonly but?: Partial<Form>
  /** Left out of the repairs. */
  readonly without?: readonly Repair[]
  /** Of some things only some protocols know. */
  readonly properties: Claims | ((protocol: ProtocolName) => Claims)
  readonly expected: readonly Expected[]
  /** The same story with something changed. */
  readonly mutants?: readonly DeviceVariant[]
}

export type DeviceVariant = Partial<Omit<DeviceStory, 'mutants' | 'source' | 'inTable'>> & {
  readonly name: string
  readonly why: string
  readonly expected: readonly Expected[]
}

/** The scenario of a story, and its mutants, each called `<name>+<mutant>`. */
export function onDevices({ mutants = [], ...story }: DeviceStory): readonly Scenario[] {
  const { inTable: _, ...rest } = story
  const made = mutants.map((mutant) => ({
    ...told({ ...rest, ...mutant, name: `${story.name}+${mutant.name}` }),
    mutantOf: story.name,
  }))
  return [told(story), ...made]
}

function told({
  devices,
  before = [],
  tasks,
  but = {},
  without = [],
  byDefault,
  properties,
  ...story
}: Omit<DeviceStory, 'mutants'>): Scenario {
  return scenarioOf({
    ...story,
    family: 'device-memory',
    properties: ({ protocol }) => (typeof properties === 'function' ? properties(protocol) : properties),
    options: {
      protocol: { values: protocolNames, byDefault },
      as: { values: ['posted', 'repaired'], only: { protocol: mended } },
      memory: {
        values: ['keep', 'unmap', 'revoke'],
        otherwise: 'as the protocol does',
        // Without a protocol there is nobody to tell.
        only: { protocol: mended },
      },
      platform: { values: ['logged', 'fatal'], otherwise: 'logged' },
    },
    world: ({ protocol, as, memory, platform }) =>
      linux({
        ...{ name: story.name, devices, before, tasks },
        deviceMemory: {
          ...{ protocol, but, without },
          ...(as && { as }),
          ...(memory && { memory }),
          ...(platform && { platform }),
        },
      }),
  })
}
