/** Devices as they are described, for every part: which kind each is. */
import type { LinuxDescription } from './describe.ts'
import type { DeviceDescription } from './device-memory/describe.ts'

/** Those that have memory of their own: they name their container. */
export const barDevices = ({ devices = {} }: LinuxDescription): Readonly<Record<string, DeviceDescription>> =>
  Object.fromEntries(
    Object.entries(devices).flatMap(([id, device]) => ('container' in device ? [[id, device] as const] : [])),
  )
