/** Which devices and processes there are, with what is described and what is left out. */
import { defaultProcess, scriptedTasks } from '../../scripts/tasks.ts'
import type { SharedMemoryDescription } from './describe.ts'

export interface Device {
  readonly id: string
  readonly group: string
  readonly attached: boolean
  readonly openBy: readonly string[]
}

export function processesOf({ before = [], tasks }: SharedMemoryDescription): readonly string[] {
  const earlier = before.map(({ process = defaultProcess }) => process)
  return [...new Set([...earlier, ...scriptedTasks(tasks).map(({ process }) => process)])]
}

export function devicesOf(description: SharedMemoryDescription): readonly Device[] {
  const { devices = { dev0: {} } } = description
  const processes = processesOf(description)
  return Object.entries(devices).map(([id, { group, attached = true, openBy = processes }], index) => ({
    id,
    group: group ?? `group${index}`,
    attached,
    openBy,
  }))
}
