/**
 * A user driver gives its device something to do in the address space of its process, by the PASID that the process was given: touch a
 * page, or two that are asked for together, or try an address of the kernel's. It does not wait for that.
 *
 * Source: derived; how it is done is each device's own (its registers, mapped into the process).
 * Left out: a PASID that the process was not given, which nothing keeps it from programming.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface SubmitInput {
  readonly task: string
  readonly device: string
  readonly at: { readonly device: string; readonly processes: Readonly<Record<string, string>> }
}

interface Work {
  readonly pages?: 1 | 2
  readonly kernel?: boolean
}

type SubmitContext = SubmitInput & { readonly caller: string | null; readonly work: Work }

type SubmitEvent =
  | (Heard & Work & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly mm?: Pointer | null; readonly pasid?: number | null })

const start = ({ task, device, at }: SubmitInput): SubmitContext => ({ task, device, at, caller: null, work: {} })

export const submit = setup({
  types: {
    context: {} as SubmitContext,
    events: {} as SubmitEvent,
    emitted: {} as Said,
    input: {} as SubmitInput,
  },
  guards: {
    isNothing: ({ event }) => event.type === 'ANSWER' && (event.mm === null || event.pasid === null),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, pages = 1, kernel = false } = event
      return { caller, work: { pages, kernel } }
    }),
    ask: emit(({ context: { at, task, device }, event }) => {
      assertEvent(event, 'CALL')
      return send(at.processes[event.process]!, 'CURRENT', { task, device })
    }),
    submit: emit(({ context: { at, task, work }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(at.device, 'SUBMIT', { task, pasid: event.pasid, mm: event.mm, ...work })
    }),
    forget: assign({ work: {} }),
    nothing: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 'nothing bound' })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'submit',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: ['begin', 'ask'] } } },
    asking: {
      on: {
        ANSWER: [
          { guard: 'isNothing', target: 'idle', actions: ['nothing', 'reset'] },
          { target: 'submitting', actions: ['submit', 'forget'] },
        ],
      },
    },
    submitting: { on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
