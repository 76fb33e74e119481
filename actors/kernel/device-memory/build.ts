/** Memory of devices, as a part of a kernel: what there is, and what tasks call. */
import type { Part } from '../subject.ts'
import { barDevices } from '../devices.ts'
import { besideDrivers, callsFit, hasDevices, named, strayDevices } from './check.ts'
import type { Call } from './describe.ts'
import { deviceMemoryCalls } from './shape.ts'

export const deviceMemoryPart: Part<Call> = {
  field: 'deviceMemory',
  seenAs: 'deviceMemory',
  about: 'of memory of devices',
  example: "deviceMemory: 'device-notifier', devices: { dev1: { container: 'container0' } }",
  calls: deviceMemoryCalls,
  isOwn: (description, call) =>
    !('device' in call) || call.device === null || Object.hasOwn(barDevices(description), call.device),
  named,
  rules: [hasDevices, callsFit, besideDrivers],
  stray: strayDevices,
}
