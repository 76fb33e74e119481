/**
 * A processor reads from device memory: the page table says which physical page, and the access goes out to whoever decodes it. Where the
 * page table says nothing there is a fault, with mmap_lock held for read, and afterwards the access is tried again. While it is under way
 * nobody can take the entry away (ptes.ts).
 *
 * What comes of it is what the device answered, or the signal the process gets: -SIGSEGV where nothing is mapped, -SIGBUS where the
 * driver refuses, or has no fault handler.
 *
 * Source: arch/x86/mm/fault.c, mm/memory.c (handle_mm_fault), Linux 5.8.
 * Left out: writes, faults under the lock of one mapping only (6.4), mmap_lock being dropped during a fault.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Vma } from './areas.ts'
import type { MmInput } from './vma-steps.ts'

/** What the root complex says of an access. */
interface Outcome {
  readonly ret: string
  /** The device that was hit. */
  readonly of: string | null
  readonly owner: string | null
  readonly memory: boolean | null
}

interface LoadContext extends MmInput {
  readonly caller: string | null
  readonly process: string
  readonly vaddr: bigint
  readonly outcome: Outcome | null
}

type LoadEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string; readonly vaddr: bigint })
  | (Heard & { readonly type: 'ANSWER'; readonly pfn?: bigint | null; readonly vma?: Vma | null } & Partial<Outcome>)
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, form, bars, at }: MmInput): LoadContext => ({
  ...{ task, form, bars, at },
  caller: null,
  process: '',
  vaddr: 0n,
  outcome: null,
})

const mine = ({ at, process }: LoadContext) => at.processes[process]!

const signal = (name: string): Pick<LoadContext, 'outcome'> => ({
  outcome: { ret: name, of: null, owner: null, memory: null },
})

const vmaOf = (event: LoadEvent): Vma | null => {
  assertEvent(event, 'ANSWER')
  return event.vma ?? null
}

export const load = setup({
  types: { context: {} as LoadContext, events: {} as LoadEvent, emitted: {} as Said, input: {} as MmInput },
  guards: {
    isAbsent: ({ event }) => event.type === 'ANSWER' && event.pfn === null,
    isNowhere: ({ event }) => vmaOf(event) === null,
    hasNoHandler: ({ context, event }) => context.form.zap === 'never' || vmaOf(event)!.device === null,
    hasFailed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    isOver: ({ context }) => context.outcome !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process, vaddr: event.vaddr }
    }),
    walk: emit(({ context }) => send(mine(context).ptes, 'WALK', { task: context.task, vaddr: context.vaddr })),
    access: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(at.hardware!, 'LOAD', { task, pfn: event.pfn })
    }),
    keepOutcome: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      const { ret, of = null, owner = null, memory = null } = event
      return { outcome: { ret: ret!, of, owner, memory } }
    }),
    walked: emit(({ context }) => send(mine(context).ptes, 'WALKED', { task: context.task })),
    downRead: emit(({ context }) => send(mine(context).mmapLock, 'DOWN_READ', { task: context.task })),
    find: emit(({ context }) => send(mine(context).mm, 'FIND', { task: context.task, vaddr: context.vaddr })),
    fault: emit(({ context: { at, task, process, vaddr }, event }) =>
      send(at.fault!, 'CALL', { task, process, vaddr, vma: vmaOf(event) }),
    ),
    segfault: assign(signal('-SIGSEGV')),
    busError: assign(signal('-SIGBUS')),
    upRead: emit(({ context }) => send(mine(context).mmapLock, 'UP_READ', { task: context.task })),
    finish: emit(({ context: { caller, task, outcome } }) => send(caller!, 'RETURN', { task, ...outcome })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'load',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'walking', actions: 'begin' } } },
    walking: { entry: 'walk', on: { ANSWER: [{ guard: 'isAbsent', target: 'locking' }, { target: 'accessing' }] } },
    accessing: { entry: 'access', on: { ANSWER: { target: 'leaving', actions: 'keepOutcome' } } },
    leaving: { entry: 'walked', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },

    locking: { entry: 'downRead', on: { LOCKED: 'finding' } },
    finding: {
      entry: 'find',
      on: {
        ANSWER: [
          { guard: 'isNowhere', target: 'unlocking', actions: 'segfault' },
          { guard: 'hasNoHandler', target: 'unlocking', actions: 'busError' },
          { target: 'faulting' },
        ],
      },
    },
    faulting: {
      entry: 'fault',
      on: { RETURN: [{ guard: 'hasFailed', target: 'unlocking', actions: 'busError' }, { target: 'unlocking' }] },
    },
    unlocking: {
      entry: 'upRead',
      on: { UNLOCKED: [{ guard: 'isOver', target: 'idle', actions: ['finish', 'reset'] }, { target: 'walking' }] },
    },
  },
})
