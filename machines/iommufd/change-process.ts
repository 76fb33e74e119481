/**
 * IOMMU_IOAS_CHANGE_PROCESS: what is mapped in all IOASes of the file belongs to the caller from now on, who is charged for it before the one it belonged to
 * is let off. Plain memory of a process, and a dma-buf, cannot change hands.
 *
 * Source: iommufd_ioas_change_process, iommufd_take_all_iova_rwsem (drivers/iommu/iommufd/ioas.c, 7.x).
 * Left out: users other than the one who mapped; that it holds iova_rwsem of all IOASes while it does; mappings with memory in common count each for itself.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../kernel/checks.ts'
import { misfits, type Passed } from '../kernel/passed.ts'
import { send, type Heard, type Said } from '../say.ts'
import { chargesFor, pagesOf, type Backed, type Pages } from './ioas/area-list.ts'

export interface ChangeProcessInput {
  readonly task: string
  /** The process that calls. */
  readonly process: string
  /** The iommufd file. */
  readonly context: string
  /** The kernel has it. */
  readonly exists: boolean
}

type ChangeProcessContext = ChangeProcessInput & {
  readonly caller: string | null
  readonly passed: Passed & { readonly reserved: number }
  readonly ioases: readonly string[]
  /** IOASes still to be looked at, or changed. */
  readonly todo: readonly string[]
  /** Pinned pages still to be charged to the caller, and those that were. */
  readonly owed: readonly Pages[]
  readonly paid: readonly Pages[]
  readonly ret: number | string
}

type ChangeProcessEvent =
  | (Heard & Passed & { readonly type: 'CALL'; readonly reserved: number })
  | (Heard & { readonly type: 'CONTENTS_ARE'; readonly ioases: readonly string[] })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string; readonly areas?: readonly Backed[] })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task, process, context, exists }: ChangeProcessInput): ChangeProcessContext => ({
  ...{ task, process, context, exists, caller: null, passed: { argsz: 0, reserved: 0 } },
  ...{ ioases: [], todo: [], owed: [], paid: [], ret: 0 },
})

const refusal = ({ exists, passed }: ChangeProcessContext): string | undefined =>
  firstFailing([[!exists, '-ENOTTY'], ...misfits([8, 8], passed), [passed.reserved !== 0, '-EOPNOTSUPP']])

export const changeProcess = setup({
  types: {
    context: {} as ChangeProcessContext,
    events: {} as ChangeProcessEvent,
    emitted: {} as Said,
    input: {} as ChangeProcessInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
    failed: ({ event }) => 'ret' in event && typeof event.ret === 'string',
    hasFailed: ({ context }) => context.ret !== 0,
    isDone: ({ context }) => context.todo.length === 0,
    owesNothing: ({ context }) => context.owed.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, argsz, tail, reserved } = event
      return { caller: from, passed: { argsz, reserved, ...(tail !== undefined && { tail }) } }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    ask: emit(({ context: { task, context } }) => send(context, 'CONTENTS', { task })),
    keepIoases: assign(({ event }) => {
      assertEvent(event, 'CONTENTS_ARE')
      return { ioases: event.ioases, todo: event.ioases }
    }),
    look: emit(({ context: { task, todo } }) => send(todo[0]!, 'ONLY_FILES', { task })),
    keepAreas: assign(({ context: { todo, owed, process }, event }) => {
      assertEvent(event, 'ANSWER')
      const charged = event.areas!.filter(({ user }) => user.charged !== 'nobody' && user.process !== process)
      return { todo: todo.slice(1), owed: [...owed, ...charged.map(pagesOf)] }
    }),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    charge: emit(({ context: { task, context, process, owed } }) => {
      const { user, pages } = owed[0]!
      return send(`${task}.${context}.charge_pages`, 'CALL', { task, pages, user: { ...user, process } })
    }),
    paid: assign(({ context: { owed, paid } }) => ({ owed: owed.slice(1), paid: [...paid, owed[0]!] })),
    /** Those who had it are let off; if it came to nothing, the caller is. */
    letOff: emit(({ context: { task, context, process, paid, ret } }) => {
      const charges = chargesFor(
        paid.map(({ user, pages }) => ({ user: ret === 0 ? user : { ...user, process }, pages })),
      )
      return send(`${task}.${context}.let_go`, 'CALL', { task, charges })
    }),
    changeAll: assign({ todo: ({ context }) => context.ioases }),
    change: emit(({ context: { task, todo, process } }) => send(todo[0]!, 'CHANGE_PROCESS', { task, process })),
    next: assign({ todo: ({ context }) => context.todo.slice(1) }),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'changeProcess',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'asking' }],
    },
    asking: { entry: 'ask', on: { CONTENTS_ARE: { target: 'looking on', actions: 'keepIoases' } } },
    'looking on': { always: [{ guard: 'isDone', target: 'charging on' }, { target: 'looking' }] },
    looking: {
      entry: 'look',
      on: {
        ANSWER: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { target: 'looking on', actions: 'keepAreas' },
        ],
      },
    },
    'charging on': { always: [{ guard: 'owesNothing', target: 'letting off' }, { target: 'charging' }] },
    charging: {
      entry: 'charge',
      on: {
        RETURN: [
          { guard: 'failed', target: 'letting off', actions: 'keepRet' },
          { target: 'charging on', actions: 'paid' },
        ],
      },
    },
    'letting off': {
      entry: 'letOff',
      on: {
        RETURN: [
          { guard: 'hasFailed', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'changing on', actions: 'changeAll' },
        ],
      },
    },
    'changing on': {
      always: [{ guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] }, { target: 'changing' }],
    },
    changing: { entry: 'change', on: { ANSWER: { target: 'changing on', actions: 'next' } } },
  },
})
