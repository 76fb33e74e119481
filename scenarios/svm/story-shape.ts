/** What a story about shared virtual memory may be made of: the types of story.ts, told again for whoever has no compiler. */
import { callShape } from '../../actors/kernel/shape.ts'
import { describedTasks, scriptOf } from '../../actors/scripts/described.ts'
import { svmPart } from '../../actors/kernel/sva/build.ts'
import {
  failureCount,
  queueLength,
  stopAnswers,
  svmDevices,
  svmForm,
  svmProtocols,
} from '../../actors/kernel/sva/shape.ts'
import {
  callable,
  either,
  listOf,
  loosened,
  name,
  oneOf,
  oneOrMore,
  optional,
  record,
  text,
} from '../../shapes/shape.ts'
import { orderShape } from '../../explore/shapes.ts'
import type { Expected } from '../told.ts'
import { about, claims, expectations, inTable } from '../told-shape.ts'
import type { SvmStory, SvmVariant } from './story.ts'

const call = callShape([svmPart])

const tasks = either<SvmStory['tasks']>('tasks by name, or a function of the telling that answers them', (given) =>
  typeof given === 'function' ? callable() : describedTasks(call),
)

const own = {
  windows: about.windows,
  order: optional(orderShape),
  devices: optional(svmDevices),
  before: optional(scriptOf(call)),
  queue: optional(queueLength),
  failures: optional(failureCount),
  protocols: optional(oneOrMore(`a list of protocols: ${svmProtocols.join(', ')}`, oneOf(svmProtocols))),
  byDefault: oneOf(svmProtocols),
  but: optional(svmForm),
  pasids: optional(oneOf([1, 2, 3])),
  answer: optional(stopAnswers),
  users: optional(oneOrMore('a list of unbinds, forgets, lies', oneOf(['unbinds', 'forgets', 'lies']))),
  tasks,
  properties: claims<SvmStory['properties']>(),
}
const both = { why: text, expected: expectations<Expected>() }

const variant = record<SvmVariant>({
  ...both,
  ...loosened<Pick<SvmStory, keyof typeof own>>(own),
  name: name('a name: what is changed'),
})

export const svmStoryShape = record<SvmStory>({
  ...both,
  ...own,
  ...{ name: about.name, source: text, inTable, mutants: optional(listOf('a list of variants', variant)) },
})
