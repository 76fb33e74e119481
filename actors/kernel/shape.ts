/** What may stand in a description: the types of describe.ts, told again for whoever has no compiler. */
import {
  atLeast,
  byName,
  either,
  flag,
  listOf,
  name,
  oneOf,
  optional,
  record,
  some,
  such,
  type Shape,
} from '../../shapes/shape.ts'
import { describedTasks, fewTasks, scriptOf, tasksByName } from '../scripts/described.ts'
import { isDescribed, namesAreApart, namesAreNotTaken, nothingStray, ofItsProcess, rulesOfParts } from './check.ts'
import type { Call, LinuxDescription } from './describe.ts'
import { deviceMemoryShape, deviceShape } from './device-memory/shape.ts'
import { describedIn, parts } from './parts.ts'
import type { Part } from './subject.ts'
import { svmDevice, svmShape } from './sva/shape.ts'
import { opShape } from './system-calls/op-shape.ts'
import { systemCallsShape } from './system-calls/profile-shape.ts'
import { containersShape, unmapShape } from './unmap/shape.ts'

/** A call of one of these parts. Where a word is of several, whoever comes first says what may stand beside it. */
export function callShape(described: readonly Part[]): Shape<Call> {
  const [first, ...others] = described
  const expected = (others.length === 0 ? first!.call : undefined) ?? 'a call, as `unmap(0x1000, 0x1000)` makes it'
  const anyBy = (by: 'do' | 'op'): Shape<any> => {
    const words = described.filter((part) => saidBy(part) === by).flatMap(({ calls }) => Object.keys(calls))
    return atLeast<object>({ [by]: oneOf([...new Set(words)]) }, expected)
  }
  const any = { do: anyBy('do'), op: anyBy('op') }
  const usual = described.some((part) => saidBy(part) === 'do') ? 'do' : 'op'
  return either(expected, (given) => {
    if (typeof given !== 'object' || given === null) return any[usual]
    const by = 'op' in given ? 'op' : 'do' in given ? 'do' : usual
    const word = String((given as Readonly<Record<string, unknown>>)[by])
    const speaks = ({ calls, ...part }: Part) => saidBy(part) === by && Object.hasOwn(calls, word)
    const known = described.find(speaks)
    if (known) return known.calls[word]!
    const other = parts.find(speaks)
    return other === undefined ? any[by] : notDescribed(other)
  })
}

const saidBy = ({ by = 'do' }: Pick<Part, 'by'>): 'do' | 'op' => by

const notDescribed = ({ about, example, calls, field, by = 'do' }: Part): Shape<any> =>
  such(atLeast<object>({ [by]: oneOf(Object.keys(calls)) }, 'a call'), () => ({
    at: [by],
    expected: `${field} in the description`,
    why: `it is a call ${about}, and they are not described`,
    hint: `Write ${example} beside the tasks.`,
  }))

/** Of what is not described, nothing is expected either. */
function shapeOf(described: readonly Part[]): Shape<LinuxDescription> {
  const has = (field: Part['field']) => described.some((part) => part.field === field)
  const call = callShape(described)
  const names = (given: unknown) => typeof given === 'object' && given !== null && 'container' in given
  const device = either<NonNullable<LinuxDescription['devices']>[string]>('a device', (given) =>
    (has('svm') === has('deviceMemory') ? names(given) : has('deviceMemory')) ? deviceShape : svmDevice,
  )
  return such(
    record<LinuxDescription>({
      name: optional(name()),
      unmap: optional(unmapShape),
      deviceMemory: optional(deviceMemoryShape),
      svm: optional(svmShape),
      systemCalls: optional(systemCallsShape),
      containers: optional(containersShape),
      devices: optional(some(byName('devices by name', device), 'at least one device')),
      before: optional(scriptOf(call)),
      // Who joins may have all there is to do.
      tasks: has('systemCalls') ? tasksByName(call) : describedTasks(call),
      after: optional(listOf('a list of operations', opShape)),
      remember: optional(flag),
      log: optional(flag),
    }),
    isDescribed,
    fewTasks,
    nothingStray,
    ofItsProcess,
    namesAreNotTaken,
    namesAreApart,
    rulesOfParts,
  )
}

const shapes = new Map<string, Shape<LinuxDescription>>()

/** Of a kernel with the parts that are described. */
export const linuxShape: Shape<LinuxDescription> = either(shapeOf(parts).expected, (given) => {
  const described = typeof given === 'object' && given !== null ? describedIn(given) : []
  const asked = described.length === 0 ? parts : described
  const key = asked.map(({ field }) => field).join()
  const shape = shapes.get(key) ?? shapeOf(asked)
  shapes.set(key, shape)
  return shape
})
