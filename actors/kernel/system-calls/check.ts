/** What the fields of a description say of each other: threads that are not there, names that nobody gives, calls of somebody else. */
import type { Broken } from '../../../shapes/shape.ts'
import { callsIn } from '../../scripts/described.ts'
import type { LinuxDescription } from '../describe.ts'
import type { Story } from '../subject.ts'
import { isOp, mustMove, nameIn, type Op } from './op.ts'
import { namesAreMade, threadsIn, toldBy, type ToldOp } from './op-names.ts'

const toldIn = (calls: Story<Op>['calls']): readonly ToldOp[] =>
  calls.flatMap(({ call, at, task }) => (isOp(call) ? [{ op: call, at, task }] : []))

/** Tasks that make other calls alone need be no threads of these. */
export function threadsAreThere({ description, calls }: Story<Op>): Broken | undefined {
  const threads = [...threadsIn(description).keys()]
  const others = callsIn<object>(description.tasks).flatMap(({ call, task }) => (isOp(call) ? [] : task))
  const isTheirs = (task: string) => !others.includes(task) || calls.some((each) => each.task === task)
  const stranger = Object.keys(description.tasks).find((task) => !threads.includes(task) && isTheirs(task))
  if (stranger === undefined) return undefined
  // Where other calls are its own, it is this one that does not belong.
  const odd = others.includes(stranger) ? calls.find(({ task }) => task === stranger) : undefined
  if (odd)
    return {
      ...{ at: odd.at, fault: `is a system call, and ${stranger} is no thread that makes any` },
      expected: `a system call of ${threads.join(', ')}`,
      hint: `Write it in the task of ${threads.at(-1)}, or of another thread that \`before\` makes.`,
    }
  return {
    at: ['tasks', stranger],
    is: 'unknown',
    fault: 'is nobody by then',
    expected: `p0, or a thread or process that an operation of \`before\` makes: ${threads.join(', ')}`,
    known: threads,
  }
}

export const namesMeanSomething = ({ description, calls, earlier }: Story<Op>): Broken | undefined =>
  namesAreMade({
    before: toldIn(earlier),
    tasks: toldIn(calls),
    after: toldBy('after', description.after ?? [], ['after']),
  })

/** What only a case file says of a call: when several are made at once, and for how long one is waited for. */
const onlyInCases = ['async', 'barrier']

/** In a story tasks run at once as they are, and a call takes as long as it takes: what would say so otherwise says nothing. */
export function nothingOfCases({ description, calls, earlier }: Story<Op>): Broken | undefined {
  const all = [...toldIn(earlier), ...toldIn(calls), ...toldBy('after', description.after ?? [], ['after'])]
  for (const { op, at } of all) {
    const field = onlyInCases.find((each) => op[each] !== undefined)
    if (field !== undefined)
      return {
        at: [...at, field],
        fault: 'is of no use in a story',
        expected: 'nothing: it has a meaning in case files only (`relock conform`)',
        why: 'tasks run at once in every order, and a call takes as long as it takes',
        hint: `Leave \`${field}\` out; what is to happen at once, write in tasks of two threads.`,
      }
  }
  return undefined
}

/** In a task a call is its own thread's, and the threads of a process are the process's. */
export function callsAreTheirs({ description, calls }: Story<Op>): Broken | undefined {
  for (const { op, at, task } of toldIn(calls)) {
    const proc = nameIn(op, 'proc')
    if (proc !== undefined && proc !== task)
      return { at: [...at, 'proc'], expected: task, why: `it is a call of ${task}`, hint: 'Give each thread a task.' }
    if (op.op === 'await')
      return { at: [...at, 'op'], expected: 'a call', why: 'only what comes after the others waits for them' }
  }
  const threads = threadsIn(description)
  const told = Object.entries(description.tasks).find(([id, task]) => threads.has(id) && 'process' in task)
  return told === undefined
    ? undefined
    : {
        at: ['tasks', told[0], 'process'],
        expected: 'nothing',
        why: 'whose thread it is says the operation of `before` that makes it (`fork`, `thread`)',
      }
}

/** Whether a mapping has to move is known when it is made longer, and in a task that is on the way. */
export function movesForCertain({ calls }: Story<Op>): Broken | undefined {
  const odd = toldIn(calls).find(({ op }) => op.op === 'mremap' && 'as' in op && !mustMove(op))
  return (
    odd && {
      at: [...odd.at, 'as'],
      expected: 'no name, or a mapping that moves for certain: flags 3 (MREMAP_MAYMOVE, MREMAP_FIXED)',
      why: 'where it is afterwards would depend on the way',
      hint: 'Say where it goes (`at`, flags 3), or make the call in `before`.',
    }
  )
}

/** What a name stands for must not depend on the way. */
export function nothingMadeOnTheWay({ calls }: Story<Op>): Broken | undefined {
  const odd = toldIn(calls).find(
    ({ op, at }) => 'as' in op && at.some((step) => ['ways', 'returned', 'otherwise', 'round'].includes(String(step))),
  )
  return (
    odd && {
      at: [...odd.at, 'as'],
      expected: 'a name that is made whichever way the task goes',
      why: 'what it stands for would depend on the way',
      hint: 'Make it before, and let the ways only use it.',
    }
  )
}

export const strayAfter = ({ after, systemCalls }: LinuxDescription): Broken | undefined =>
  after === undefined || systemCalls !== undefined
    ? undefined
    : {
        at: ['after'],
        fault: 'is of no use',
        expected: 'system calls beside it: what comes after the others are system calls',
        hint: "Write which kernel answers them: systemCalls: '6.1'.",
      }
