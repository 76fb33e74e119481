/** What a story told in system calls may be made of: the types of on-linux.ts, told again for whoever has no compiler. */
import { storyOf } from '../../actors/kernel/parts.ts'
import { callShape } from '../../actors/kernel/shape.ts'
import type { Part } from '../../actors/kernel/subject.ts'
import { opShape } from '../../actors/kernel/system-calls/op-shape.ts'
import { systemCallsPart } from '../../actors/kernel/system-calls/part.ts'
import { changedProfile } from '../../actors/kernel/system-calls/profile-shape.ts'
import { describedTasks, scriptOf } from '../../actors/scripts/described.ts'
import { inversions, orderShape, propertiesShape } from '../../explore/shapes.ts'
import { profileNames } from '../../machines/profile.ts'
import {
  listOf,
  loosened,
  name,
  oneOf,
  oneOrMore,
  optional,
  record,
  such,
  text,
  type Broken,
  type Shape,
} from '../../shapes/shape.ts'
import type { OnLinux, Variant } from './on-linux.ts'
import type { Expected } from '../told.ts'
import { about, expectations, family } from '../told-shape.ts'

const part: Part = systemCallsPart
const call = callShape([part])

const own = {
  windows: about.windows,
  profiles: oneOrMore(`a list of kernels: ${profileNames.join(', ')}`, oneOf(profileNames)),
  before: optional(scriptOf(call)),
  tasks: describedTasks(call),
  after: optional(listOf('a list of operations', opShape)),
  but: optional(changedProfile),
  inversions,
  order: optional(orderShape),
  properties: propertiesShape as Shape<OnLinux['properties']>,
}

const expected = expectations<Expected>()

const variant = record<Variant>({
  ...{ name: name('a name: what is changed'), why: text, expected },
  ...loosened<Pick<OnLinux, keyof typeof own>>(own),
})

const fields = record<OnLinux>({
  ...about,
  ...own,
  ...{ family, source: about.source, expected: optional(expected) },
  mutants: optional(listOf('a list of variants', variant)),
})

/** What its calls say of each other. */
function callsFit({ profiles: [profile], before, tasks, after }: OnLinux): Broken | undefined {
  const story = storyOf(part, {
    systemCalls: profile!,
    tasks,
    ...(before && { before }),
    ...(after && { after }),
  })
  for (const rule of part.rules) {
    const broken = rule(story)
    if (broken) return broken
  }
  return undefined
}

export const onLinuxShape: Shape<OnLinux> = such(fields, callsFit)
