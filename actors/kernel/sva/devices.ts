/** Which devices and processes there are, with what is described and what is left out. */
import type { LinuxDescription } from '../describe.ts'
import type { Story } from '../subject.ts'
import type { SvmCall, SvmDevice } from './describe.ts'

export interface Device {
  readonly id: string
  readonly group: string
  readonly attached: boolean
  readonly openBy: readonly string[]
}

/** Those that work on address spaces: they name no container. */
export const svmDevicesIn = ({ devices = { dev0: {} } }: LinuxDescription): Readonly<Record<string, SvmDevice>> =>
  Object.fromEntries(
    Object.entries(devices).flatMap(([id, device]) => ('container' in device ? [] : [[id, device] as const])),
  )

export const processesOf = ({ earlier, tasks }: Story<SvmCall>): readonly string[] => [
  ...new Set([...earlier, ...tasks].map(({ process }) => process)),
]

export function devicesOf(story: Story<SvmCall>): readonly Device[] {
  const processes = processesOf(story)
  return Object.entries(svmDevicesIn(story.description)).map(
    ([id, { group, attached = true, openBy = processes }], index) => ({
      id,
      group: group ?? `group${index}`,
      attached,
      openBy,
    }),
  )
}
