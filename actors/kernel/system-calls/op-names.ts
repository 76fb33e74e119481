/**
 * Names in the operations of a story. A descriptor, buffer, process or thread that nothing makes is as good as a bad descriptor, an address
 * that is 0, or nobody: another story, told in silence.
 */
import type { Broken } from '../../../shapes/shape.ts'
import { nameIn, type Op } from './op.ts'
import { common, operations, type FieldType } from './operations.ts'
import { openFromTheStart } from './user.ts'

interface Story {
  readonly before: readonly Op[]
  readonly together: Readonly<Record<string, readonly Op[]>>
  readonly after?: readonly Op[]
}

type At = readonly (string | number)[]

const placed = (ops: readonly Op[], at: At) => ops.map((op, index) => ({ op, at: [...at, index] as At }))

const makesThread = ({ op }: Op): boolean => op === 'fork' || op === 'thread'
const makesBuffer = ({ op }: Op): boolean => op === 'mmap' || op === 'mmap_bar'

/** Each name stands for something that some operation makes, and those who take part have been made by then. */
export function namesAreMade({ before, together, after = [] }: Story): Broken | undefined {
  const all = [
    ...placed(before, ['before']),
    ...Object.entries(together).flatMap(([thread, ops]) => placed(ops, ['together', thread])),
    ...placed(after, ['after']),
  ]
  const namesOf = (is: (op: Op) => boolean): readonly string[] =>
    all.flatMap(({ op }) => (is(op) ? (nameIn(op, 'as') ?? []) : []))
  const made: Readonly<Partial<Record<FieldType, readonly string[]>>> = {
    proc: ['p0', ...namesOf(makesThread)],
    addr: namesOf(makesBuffer),
    fd: [...openFromTheStart, ...namesOf((op) => !makesThread(op) && !makesBuffer(op))],
  }
  const threads = ['p0', ...before.flatMap((op) => (makesThread(op) ? (nameIn(op, 'as') ?? []) : []))]
  const stranger = Object.keys(together).find((thread) => !threads.includes(thread))
  if (stranger !== undefined)
    return {
      at: ['together', stranger],
      is: 'unknown',
      fault: 'is nobody by then',
      expected: `p0, or a thread or process that an operation of \`before\` makes: ${threads.join(', ')}`,
      known: threads,
    }
  for (const { op, at } of all)
    for (const [field, { type }] of Object.entries({ ...operations[op.op], ...common })) {
      const name = nameMeant(type, op[field])
      const known = made[type]
      if (name === undefined || known === undefined || known.includes(name)) continue
      return { at: [...at, field], expected: `what some operation makes: ${known.join(', ') || 'none does'}`, known }
    }
  return undefined
}

/** `b0+0x1000` is in `b0`; a number is itself. */
function nameMeant(type: FieldType, given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined
  if (type !== 'addr') return given
  return /^(?:0x[\da-f]+|\d+)$/i.test(given) ? undefined : given.split('+')[0]!.trim()
}
