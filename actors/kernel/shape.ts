/** What may stand in a description: the types of describe.ts, told again for whoever has no compiler. */
import {
  atLeast,
  byName,
  either,
  flag,
  name,
  oneOf,
  optional,
  record,
  some,
  such,
  type Shape,
} from '../../shapes/shape.ts'
import { describedTasks, fewTasks, scriptOf } from '../scripts/described.ts'
import { isDescribed, namesAreApart, nothingStray, ofItsProcess, rulesOfParts } from './check.ts'
import type { Call, LinuxDescription } from './describe.ts'
import { deviceMemoryShape, deviceShape } from './device-memory/shape.ts'
import { describedIn, parts } from './parts.ts'
import type { Part } from './subject.ts'
import { svmDevice, svmShape } from './sva/shape.ts'
import { containersShape, unmapShape } from './unmap/shape.ts'

/** A call of one of these parts. Where a word is of several, whoever comes first says what may stand beside it. */
export function callShape(described: readonly Part[]): Shape<Call> {
  const known: Readonly<Record<string, Shape<any>>> = Object.assign(
    {},
    ...described.toReversed().map(({ calls }) => calls),
  ) as Record<string, Shape<any>>
  const ordered = [...new Set(described.flatMap(({ calls }) => Object.keys(calls)))]
  const expected = 'a call, as `unmap(0x1000, 0x1000)` makes it'
  const any = atLeast<object>({ do: oneOf(ordered) }, expected)
  const wordIn = (given: unknown): string =>
    typeof given === 'object' && given !== null ? String((given as { readonly do?: unknown }).do) : ''
  return either(expected, (given) => {
    const word = wordIn(given)
    if (Object.hasOwn(known, word)) return known[word]!
    const other = parts.find(({ calls }) => Object.hasOwn(calls, word))
    return other === undefined ? any : notDescribed(other)
  })
}

const notDescribed = ({ about, example, calls, field }: Part): Shape<any> =>
  such(atLeast<{ readonly do: string }>({ do: oneOf(Object.keys(calls)) }, 'a call'), () => ({
    at: ['do'],
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
      containers: optional(containersShape),
      devices: optional(some(byName('devices by name', device), 'at least one device')),
      before: optional(scriptOf(call)),
      tasks: describedTasks(call),
      remember: optional(flag),
    }),
    isDescribed,
    fewTasks,
    nothingStray,
    ofItsProcess,
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
