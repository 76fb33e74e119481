/**
 * A process as far as shared virtual memory goes: its address space (task->mm), which it may give up for another (exec) or for none (exit), and
 * in its memory the PASID it was given for each device. The descriptors are the device files' to count.
 *
 * The mm it points to is counted for it (`users` of the mm): whoever takes it from the process puts it.
 *
 * Source: exit_mm, exec_mmap. Left out: fork; threads (a process that two threads use ends once, and what the other still does finds nothing).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { note, type Heard, type Said } from '../../say.ts'

export interface SvmProcessInput {
  readonly id: string
  readonly mm: Pointer
}

interface SvmProcessContext {
  readonly id: string
  readonly mm: Pointer | null
  /** By device: what BIND wrote into its memory. */
  readonly pasids: Readonly<Record<string, number>>
}

type SvmProcessEvent =
  | (Heard & { readonly type: 'CURRENT'; readonly device?: string })
  | (Heard & { readonly type: 'PASID'; readonly device: string; readonly pasid: number })
  | (Heard & { readonly type: 'FORGET'; readonly device: string })
  | (Heard & { readonly type: 'EXIT' })
  | (Heard & { readonly type: 'EXEC'; readonly mm: Pointer })

export const svmProcess = setup({
  types: {
    context: {} as SvmProcessContext,
    events: {} as SvmProcessEvent,
    emitted: {} as Said,
    input: {} as SvmProcessInput,
  },
  actions: {
    learn: assign(({ context, event }) => {
      assertEvent(event, 'PASID')
      const pasids = Object.entries({ ...context.pasids, [event.device]: event.pasid })
      return { pasids: Object.fromEntries(pasids.sort(([one], [other]) => (one < other ? -1 : 1))) }
    }),
    forget: assign(({ context, event }) => {
      assertEvent(event, 'FORGET')
      return {
        pasids: Object.fromEntries(Object.entries(context.pasids).filter(([device]) => device !== event.device)),
      }
    }),
    exit: assign({ mm: null, pasids: {} }),
    exec: assign(({ event }) => {
      assertEvent(event, 'EXEC')
      return { mm: event.mm, pasids: {} }
    }),

    tell: emit(({ context: { mm, pasids }, event }) => {
      assertEvent(event, 'CURRENT')
      const { device } = event
      return answer(event, 'ANSWER', { mm, pasid: device === undefined ? null : (pasids[device] ?? null) })
    }),
    tellMm: emit(({ context, event }) => answer(event, 'ANSWER', { mm: context.mm })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    noteExit: emit(({ context }) => note(context.id, 'exits')),
    noteExec: emit(({ context, event }) => {
      assertEvent(event, 'EXEC')
      return note(context.id, `executes a new program in ${named(event.mm)}`)
    }),
  },
}).createMachine({
  id: 'svmProcess',
  context: ({ input: { id, mm } }) => ({ id, mm, pasids: {} }),
  initial: 'running',
  states: {
    running: {
      on: {
        CURRENT: { actions: 'tell' },
        PASID: { actions: ['learn', 'done'] },
        FORGET: { actions: ['forget', 'done'] },
        EXIT: { target: 'over', actions: ['noteExit', 'tellMm', 'exit'] },
        EXEC: { actions: ['noteExec', 'tellMm', 'exec'] },
      },
    },
    over: {
      on: {
        CURRENT: { actions: 'tell' },
        PASID: { actions: 'done' },
        FORGET: { actions: 'done' },
        EXIT: { actions: 'tellMm' },
        EXEC: { actions: 'tellMm' },
      },
    },
  },
})
