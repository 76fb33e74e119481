/** What descriptions of every family have in common: addresses, names, tasks with their scripts. */
import { pageSize } from '../../machines/mm/extent.ts'
import {
  byName,
  either,
  listOf,
  name,
  optional,
  record,
  some,
  such,
  that,
  type Broken,
  type Shape,
} from '../../shapes/shape.ts'
import { pathOf } from '../../shapes/insist.ts'
import { placed, type Part } from './script.ts'
import { scriptShape } from './script-shape.ts'
import { defaultProcess, isScript, scriptedTasks, type Described } from './tasks.ts'
import { toChooseFrom } from '../../shapes/nearest.ts'

/** An address or a size in bytes; bigint where a number would lose bits. */
export type Bytes = number | bigint

const end = 1n << 64n

export const isBytes = (given: unknown): boolean =>
  typeof given === 'bigint' ? given >= 0n && given < end : Number.isSafeInteger(given) && (given as number) >= 0

export const bytes: Shape<Bytes> = that<Bytes>(
  'a whole number of bytes, 0 or more and below 2^64 (a bigint where a number would lose bits)',
  isBytes,
)

/** An address that a page begins at. */
export const pageAddress: Shape<Bytes> = that<Bytes>(
  `a multiple of ${hex(pageSize)} below 2^64`,
  (given) => isBytes(given) && BigInt(given as Bytes) % pageSize === 0n,
)

export function hex(value: Bytes): string {
  return `0x${value.toString(16)}`
}

export interface Range {
  readonly iova: Bytes
  readonly size: Bytes
}

export const rangeText = ({ iova, size }: Range): string => `${hex(iova)} + ${hex(size)}`

const endOf = ({ iova, size }: Range): bigint => BigInt(iova) + BigInt(size)

/** Ranges of whole pages that are there when the story begins: not empty, within 64 bits, none over another. */
export const apart = (ranges: readonly Range[]): Broken | undefined => {
  const odd = ranges.findIndex(({ size }) => BigInt(size) === 0n)
  if (odd >= 0) return { at: [odd, 'size'], expected: `${hex(pageSize)} or more` }
  const beyond = ranges.findIndex((range) => endOf(range) > end)
  if (beyond >= 0) return { at: [beyond, 'size'], expected: 'a range that ends at 2^64 or before' }
  const inOrder = ranges
    .map((range, index) => ({ range, index }))
    .toSorted((a, b) => (BigInt(a.range.iova) < BigInt(b.range.iova) ? -1 : 1))
  for (const [nth, { range, index }] of inOrder.entries()) {
    const before = inOrder[nth - 1]
    if (!before || endOf(before.range) <= BigInt(range.iova)) continue
    const [first, second] = [before.index, index].toSorted((a, b) => a - b) as [number, number]
    return {
      at: [second],
      fault: `lies over another: ${rangeText(ranges[second]!)} and [${first}], ${rangeText(ranges[first]!)}`,
      expected: 'a range of its own',
    }
  }
  return undefined
}

/** As many as can be built in a moment; nobody can search a world with more. */
const mostMappings = 1000

export const fewMappings = ({ length }: readonly unknown[]): Broken | undefined =>
  length > mostMappings ? { at: ['length'], expected: `${mostMappings} mappings or fewer` } : undefined

/** More threads than anybody can search, and fewer than the checker could not even begin with. */
const mostTasks = 64
const mostCalls = 1000

/** Calls one after the other. */
export const scriptOf = <Call>(call: Shape<Call>): Shape<readonly Call[]> =>
  such(listOf('a list of calls', call), ({ length }) =>
    length > mostCalls ? { at: ['length'], expected: `${mostCalls} calls or fewer` } : undefined,
  )

export const tasksByName = <Call>(call: Shape<Call>): Shape<Readonly<Record<string, Described<Call>>>> =>
  byName('tasks by name', describedTask(call))

export const describedTasks = <Call>(call: Shape<Call>): Shape<Readonly<Record<string, Described<Call>>>> =>
  some(tasksByName(call), 'at least one task, with its calls')

const describedTask = <Call>(call: Shape<Call>): Shape<Described<Call>> => {
  const expected = 'a list of calls, or { process, script }'
  const script = scriptShape(call)
  const both = record<{ readonly process?: string; readonly script: readonly Part<Call>[] }>(
    { process: optional(name('the name of a process')), script },
    expected,
  )
  return either(expected, (given) => (Array.isArray(given) ? script : both))
}

/** Of what is done before the story begins: whose call it is. */
export interface OfProcess {
  readonly process?: string
}

export const processName = name('the name of a process')
export const ofProcess = { process: optional(processName) }

export interface CallAt<Call> {
  readonly call: Call
  readonly at: readonly (string | number)[]
  readonly task: string
  readonly process: string
}

/** Every call of every task, and where it stands. */
export const callsIn = <Call>(tasks: Readonly<Record<string, Described<Call>>>): readonly CallAt<Call>[] =>
  scriptedTasks(tasks).flatMap(({ id, process, script }) => {
    const at = ['tasks', id, ...(isScript(tasks[id]!) ? [] : ['script'])]
    return placed(script).map((each) => ({ call: each.call, task: id, process, at: [...at, ...each.at] }))
  })

export const fewTasks = ({ tasks }: { readonly tasks: Readonly<Record<string, unknown>> }): Broken | undefined =>
  Object.keys(tasks).length > mostTasks
    ? {
        at: ['tasks'],
        fault: `cannot be so many: ${Object.keys(tasks).length}`,
        expected: `${mostTasks} tasks or fewer; nobody can search a world with more`,
      }
    : undefined

/** Whoever has a name, and where he was given it. */
export type Named = readonly [name: string, at: readonly (string | number)[], what: string]

/** A name, and where it stands. */
export type Called = readonly [name: string, at: Named[1]]

/** The process that tasks are of unless they say otherwise is written nowhere. */
export const processNamed = ([name, at]: Called): Named => [
  ...([name, name === defaultProcess ? ['tasks'] : at] as const),
  'a process',
]

/** Actors are called as they are described: no two alike, and nobody `env`, who sends what is under way at the start. */
export const namesApart = (named: readonly Named[]): Broken | undefined => {
  const taken = new Map<string, readonly [what: string, at: Named[1]]>([['env', ['who is outside of the system', []]]])
  for (const [name, at, what] of named) {
    const other = taken.get(name)
    if (other !== undefined)
      return {
        ...{ at, fault: 'cannot be called so', expected: 'a name of its own' },
        why: `${other[0]} is called "${name}"${placeOf(other[1])}`,
      }
    taken.set(name, [what, at])
  }
  return undefined
}

/** Of what is written somewhere; a process that nobody writes down is of no one place. */
const placeOf = (at: Named[1]): string => (at.length < 2 ? '' : `, at ${pathOf(at)}`)

export const notAmong = (what: string, known: readonly string[], at: readonly (string | number)[]): Broken => ({
  at,
  expected: `a ${what} of this description: ${toChooseFrom(known) || 'there is none'}`,
  known,
})
