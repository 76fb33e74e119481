/**
 * A queue of page requests (struct iommufd_fault): what devices ask for that wait, what has been read of it, by a number (`cookie`), and who may ask.
 * Whoever asks is answered late, by the step that answers him: by user space, or by the kernel, when the page table that was asked through is
 * not the device's any more. Who asks after that is refused at once: the IOMMU's own queue is drained before.
 *
 * Source: drivers/iommu/iommufd/eventq.c (6.11 to 7.x): iommufd_fault_iopf_handler, iommufd_fault_fops_read, _write,
 * iommufd_auto_response_faults; intel_iommu_drain_pasid_prq. Not recorded. Left out: groups of several requests, several answers in one write, poll.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { firstFailing } from '../../kernel/checks.ts'
import { lowestFree } from '../../kernel/lowest-free.ts'
import { send, type Heard, type Said } from '../../say.ts'

/** A device, and the page table it asks through. */
interface Handle {
  readonly table: string
  readonly device: string
}

interface Request extends Handle {
  readonly from: string
  readonly task: string
  readonly addr: bigint
  readonly write: boolean
}

type FaultQueueContext = {
  /** Who may ask, and by which number user space knows the device. */
  readonly open: readonly (Handle & { readonly devid: number })[]
  /** Not read yet. */
  readonly deliver: readonly Request[]
  /** Read and not answered, sorted by their numbers. */
  readonly asked: readonly (Request & { readonly cookie: number })[]
}

type FaultQueueEvent =
  | (Heard & {
      readonly type: 'OPEN'
      readonly table: string
      readonly devices: readonly string[]
      readonly devid: number
    })
  | (Heard & { readonly type: 'CLOSE'; readonly table: string; readonly devices: readonly string[] })
  | (Heard & Handle & { readonly type: 'REQUEST'; readonly addr: bigint; readonly write: boolean })
  | (Heard & { readonly type: 'READ'; readonly len: number })
  | (Heard & { readonly type: 'RESPOND'; readonly len: number; readonly cookie: number; readonly code: number })

/** Of a request, and of an answer to one. */
const sizes = { request: 40, response: 8 }
const code = { success: 0, invalid: 1 }

/** The queue behind a file of one. */
export const faultsOf = (file: string): string => `${file}.faults`

const responds = ({ from, task }: Request, said: number) => send(from, 'RESPONSE', { task, code: said })

const isOf =
  ({ table, devices }: { readonly table: string; readonly devices: readonly string[] }) =>
  (each: Handle): boolean =>
    each.table === table && devices.includes(each.device)

/** As many as there is room for, with their numbers. */
const fetched = ({ deliver, asked }: FaultQueueContext, len: number): FaultQueueContext['asked'] =>
  deliver.slice(0, len / sizes.request).reduce<FaultQueueContext['asked']>((all, request) => {
    const cookie = lowestFree((number) => [...asked, ...all].some((each) => each.cookie === number), 1)
    return [...all, { ...request, cookie }]
  }, [])

const perm = { read: 1, write: 2 }

const eventOf = (
  { open }: FaultQueueContext,
  { cookie, addr, write, table, device }: FaultQueueContext['asked'][number],
) => ({
  ...{ cookie, addr, perm: write ? perm.write : perm.read },
  devid: open.find((each) => each.table === table && each.device === device)?.devid,
})

const answered = ({ asked }: FaultQueueContext, event: FaultQueueEvent) => {
  assertEvent(event, 'RESPOND')
  return asked.find(({ cookie }) => cookie === event.cookie)
}

const notAnswered = (context: FaultQueueContext, event: FaultQueueEvent): string | undefined => {
  assertEvent(event, 'RESPOND')
  return firstFailing([
    [event.len % sizes.response !== 0, '-ESPIPE'],
    [event.len > 0 && event.code !== code.success && event.code !== code.invalid, '-EINVAL'],
    [event.len > 0 && answered(context, event) === undefined, '-EINVAL'],
  ])
}

export const faultQueue = setup({
  types: {
    context: {} as FaultQueueContext,
    events: {} as FaultQueueEvent,
    emitted: {} as Said,
    input: {} as Readonly<Record<string, never>>,
  },
  guards: {
    mayAsk: ({ context: { open }, event }) => {
      assertEvent(event, 'REQUEST')
      return open.some(({ table, device }) => table === event.table && device === event.device)
    },
    isMisread: ({ event }) => event.type === 'READ' && event.len % sizes.request !== 0,
    isNotAnswered: ({ context, event }) => notAnswered(context, event) !== undefined,
    isEmpty: ({ event }) => event.type === 'RESPOND' && event.len === 0,
  },
  actions: {
    open: assign(({ context, event }) => {
      assertEvent(event, 'OPEN')
      const { table, devices, devid } = event
      return { open: [...context.open, ...devices.map((device) => ({ table, device, devid }))] }
    }),
    ask: assign(({ context: { deliver }, event }) => {
      assertEvent(event, 'REQUEST')
      const { from, task, table, device, addr, write } = event
      return { deliver: [...deliver, { from, task, table, device, addr, write }] }
    }),
    refuse: emit(({ event }) => answer(event, 'RESPONSE', { code: code.invalid })),
    close: enqueueActions(({ context: { open, deliver, asked }, event, enqueue }) => {
      assertEvent(event, 'CLOSE')
      const isTheirs = isOf(event)
      for (const each of [...deliver, ...asked].filter(isTheirs)) enqueue.emit(responds(each, code.invalid))
      enqueue.assign({
        open: open.filter((each) => !isTheirs(each)),
        deliver: deliver.filter((each) => !isTheirs(each)),
        asked: asked.filter((each) => !isTheirs(each)),
      })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0 }))
    }),
    done: emit(({ event }, { ret }: { ret: 0 | string }) => answer(event, 'ANSWER', { ret })),
    read: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'READ')
      const told = fetched(context, event.len)
      enqueue.assign({
        deliver: context.deliver.slice(told.length),
        asked: [...context.asked, ...told].toSorted((a, b) => a.cookie - b.cookie),
      })
      const requests = told.map((each) => eventOf(context, each))
      enqueue.emit(answer(event, 'ANSWER', { ret: told.length * sizes.request, ...(told.length > 0 && { requests }) }))
    }),
    notAnswered: emit(({ context, event }) => answer(event, 'ANSWER', { ret: notAnswered(context, event)! })),
    respond: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESPOND')
      const one = answered(context, event)!
      enqueue.emit(responds(one, event.code))
      enqueue.assign({ asked: context.asked.filter((each) => each !== one) })
      enqueue.emit(answer(event, 'ANSWER', { ret: sizes.response }))
    }),
  },
}).createMachine({
  id: 'faultQueue',
  context: { open: [], deliver: [], asked: [] },
  initial: 'ready',
  states: {
    ready: {
      on: {
        OPEN: { actions: ['open', { type: 'done', params: { ret: 0 } }] },
        CLOSE: { actions: 'close' },
        REQUEST: [{ guard: 'mayAsk', actions: 'ask' }, { actions: 'refuse' }],
        READ: [{ guard: 'isMisread', actions: { type: 'done', params: { ret: '-ESPIPE' } } }, { actions: 'read' }],
        RESPOND: [
          { guard: 'isNotAnswered', actions: 'notAnswered' },
          { guard: 'isEmpty', actions: { type: 'done', params: { ret: 0 } } },
          { actions: 'respond' },
        ],
      },
    },
  },
})
