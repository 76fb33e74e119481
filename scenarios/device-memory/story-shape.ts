/** What a story about device memory may be made of: the types of story.ts, told again for whoever has no compiler. */
import { deviceMemoryPart } from '../../actors/kernel/device-memory/build.ts'
import { devicesShape, form, protocolNames, withoutRepairs } from '../../actors/kernel/device-memory/shape.ts'
import { callShape } from '../../actors/kernel/shape.ts'
import { describedTasks, scriptOf } from '../../actors/scripts/described.ts'
import { listOf, loosened, name, oneOf, optional, record, text } from '../../shapes/shape.ts'
import { orderShape } from '../../explore/shapes.ts'
import type { Expected } from '../told.ts'
import { about, claims, expectations, inTable } from '../told-shape.ts'
import type { DeviceStory, DeviceVariant } from './story.ts'

const call = callShape([deviceMemoryPart])

const own = {
  windows: about.windows,
  order: optional(orderShape),
  devices: devicesShape,
  before: optional(scriptOf(call)),
  tasks: describedTasks(call),
  byDefault: oneOf(protocolNames),
  but: optional(form),
  without: optional(withoutRepairs),
  properties: claims<DeviceStory['properties']>(),
}
const both = { why: text, expected: expectations<Expected>() }

const variant = record<DeviceVariant>({
  ...both,
  ...loosened<Pick<DeviceStory, keyof typeof own>>(own),
  name: name('a name: what is changed'),
})

export const deviceStoryShape = record<DeviceStory>({
  ...both,
  ...own,
  ...{ name: about.name, source: text, inTable, mutants: optional(listOf('a list of variants', variant)) },
})
