/**
 * System calls that a procedure makes, in a world of `linux({ systemCalls })`: in the words of a case file, as a thread of such a story makes them, with what
 * comes back in a local. Leads to: whatever the call does.
 */
import type { Operation } from '../../actors/world/world.ts'
import { opShape } from '../../actors/kernel/system-calls/op-shape.ts'
import { ModelError } from '../../explore/errors.ts'
import { askedCall } from '../../machines/user/asked-call.ts'
import { insist } from '../../shapes/insist.ts'
import { callName } from '../names.ts'
import type { Procedure } from '../procedure.ts'
import { asking, type Step } from '../step.ts'

export interface SystemCallOptions<L> {
  /** The local that keeps what it returned: a number, or an errno as '-EBUSY'. */
  readonly into?: keyof L & string
  /** Of what came back: `ret` (default), or what was written back besides, as the `size` of an unmap. */
  readonly field?: string
}

/** Who makes it, and when, is said by the procedure. */
function mustBeMadeHere(operation: Operation): void {
  const field = ['proc', 'async', 'barrier'].find((each) => each in operation)
  if (field === undefined && operation.op !== 'await') return
  throw new ModelError(
    'bad-description',
    field === undefined
      ? 'syscall(): nobody waits for others by await.'
      : `syscall(): ${operation.op} has no ${field} here.`,
    [],
    'The thread that runs the procedure makes the call when it comes to it; threads wait for each other by wait_for_completion and its kind.',
  )
}

/** The same call is one procedure, wherever it is made. */
const known = new Map<string, Procedure>()

const procedureOf = (operation: Operation): Procedure => {
  const key = JSON.stringify(operation)
  const { op, ...fields } = operation
  const made: Procedure = known.get(key) ?? {
    name: `${op}(${Object.values(fields).join(',')})`,
    machine: askedCall,
    operation,
    input: {},
    uses: [],
    calls: [],
  }
  known.set(key, made)
  return made
}

/** Makes a system call: `syscall({ op: 'map_dma', fd: 'c0', iova: '0x0', size: '0x1000', vaddr: 'b0', flags: 3 }, { into: 'err' })`. */
export const syscall = <L>(operation: Operation, { into, field = 'ret' }: SystemCallOptions<L> = {}): Step<L> => {
  insist(opShape, operation, 'syscall()')
  mustBeMadeHere(operation)
  const callee = procedureOf(operation)
  return asking(
    {
      says: `${into === undefined ? '' : `${into} = `}${callee.name}`,
      to: (_, task) => callName(task, callee.name),
      callee: callee.name,
      whom: callee.name,
      type: 'CALL',
      waits: 'sleeps',
      // The call itself has a row.
      quiet: true,
      answers: { RETURN: into === undefined ? {} : { into, value: (answer) => answer[field] } },
    },
    { calls: [callee] },
  )
}
