/** What a story on a small Linux may be made of: the types of on-linux.ts, told again for whoever has no compiler. */
import { opShape } from '../../actors/kernel/system-calls/op-shape.ts'
import { namesAreMade } from '../../actors/kernel/system-calls/op-names.ts'
import type { LinuxStory } from '../../actors/kernel/system-calls/story.ts'
import { profileFields } from '../../actors/kernel/system-calls/profile-shape.ts'
import { inversions, orderShape, propertiesShape } from '../../explore/shapes.ts'
import { profileNames, type Profile } from '../../machines/profile.ts'
import {
  byName,
  listOf,
  loosened,
  name,
  oneOf,
  oneOrMore,
  optional,
  partOf,
  record,
  some,
  such,
  text,
  type Shape,
} from '../../shapes/shape.ts'
import type { OnLinux, Variant } from './on-linux.ts'
import type { Expected } from '../told.ts'
import { about, expectations, family } from '../told-shape.ts'

const ops = listOf('a list of operations', opShape)

const own = {
  windows: about.windows,
  profiles: oneOrMore(`a list of kernels: ${profileNames.join(', ')}`, oneOf(profileNames)),
  before: ops,
  together: some(byName('operations by the names of threads', ops), 'at least one thread, with its operations'),
  after: optional(ops),
  but: optional(partOf<Profile>(profileFields)),
  inversions,
  order: optional(orderShape),
  properties: propertiesShape as Shape<OnLinux['properties']>,
}
/** A story of system calls as a world: nothing is claimed of it yet. */
export const systemCallsShape: Shape<LinuxStory> = such(
  record<LinuxStory>({
    name: name(),
    profile: oneOf(profileNames),
    // Who joins may have all there is to do.
    ...{
      before: own.before,
      together: byName('operations by the names of threads', ops),
      after: own.after,
      but: own.but,
    },
  }),
  namesAreMade,
)

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

export const onLinuxShape: Shape<OnLinux> = such(fields, namesAreMade)
