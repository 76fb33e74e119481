/**
 * Names in the operations of a story. A descriptor, buffer, process or thread that nothing makes is as good as a bad descriptor, an address
 * that is 0, or nobody: another story, told in silence.
 */
import type { Broken } from '../../../shapes/shape.ts'
import type { LinuxDescription } from '../describe.ts'
import { isOp, makerOf, makesBuffer, nameIn, type Op } from './op.ts'
import { common, operations, type FieldType } from './operations.ts'
import { openFromTheStart } from './user.ts'
import { toChooseFrom } from '../../../shapes/nearest.ts'

type At = readonly (string | number)[]

/** An operation, where it stands, and which task makes it. */
export interface ToldOp {
  readonly op: Op
  readonly at: At
  readonly task: string
}

interface Story {
  readonly before: readonly ToldOp[]
  readonly tasks: readonly ToldOp[]
  readonly after: readonly ToldOp[]
}

export const toldBy = (task: string, ops: readonly Op[], at: At): readonly ToldOp[] =>
  ops.map((op, index) => ({ op, task, at: [...at, index] }))

const makesThread = ({ op }: Op): boolean => op === 'fork' || op === 'thread'

/** Threads that there are when the story begins, each with its process. None: there are no system calls. */
export function threadsIn({ systemCalls, before = [] }: LinuxDescription): ReadonlyMap<string, string> {
  const threads = new Map(systemCalls === undefined ? [] : [['p0', 'p0']])
  for (const op of before.filter(isOp)) {
    const as = nameIn(op, 'as')
    if (makesThread(op) && as !== undefined) threads.set(as, op.op === 'fork' ? as : (threads.get(makerOf(op)) ?? 'p0'))
  }
  return threads
}

/** Each name stands for something that some operation makes. */
export function namesAreMade({ before, tasks, after }: Story): Broken | undefined {
  const all = [...before, ...tasks, ...after]
  const namesOf = (is: (op: Op) => boolean): readonly string[] =>
    all.flatMap(({ op }) => (is(op) ? (nameIn(op, 'as') ?? []) : []))
  const made: Readonly<Partial<Record<FieldType, readonly string[]>>> = {
    proc: ['p0', ...namesOf(makesThread)],
    addr: namesOf(makesBuffer),
    fd: [...openFromTheStart, ...namesOf((op) => !makesThread(op) && !makesBuffer(op))],
  }
  for (const { op, at } of all)
    for (const [field, { type }] of Object.entries({ ...operations[op.op], ...common })) {
      const name = nameMeant(type, op[field])
      const known = made[type]
      if (name === undefined || known === undefined || known.includes(name)) continue
      return {
        at: [...at, field],
        expected: `what some operation makes: ${toChooseFrom(known, name) || 'none does'}`,
        known,
      }
    }
  return undefined
}

/** `b0+0x1000` is in `b0`; a number is itself. */
function nameMeant(type: FieldType, given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined
  if (type !== 'addr') return given
  return /^(?:0x[\da-f]+|\d+)$/i.test(given) ? undefined : given.split('+')[0]!.trim()
}
