/**
 * An ioctl on an iommufd file: checks its arguments, finds the IOAS it is about, and has that do it. What each ioctl checks and
 * wants is in requests.ts.
 *
 * Source: iommufd_fops_ioctl, iommufd_vfio_ioctl (7.x). Left out: the reference on the IOAS for as long as it takes.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { requestCalled, type Request, type RequestArgs, type RequestName } from './requests.ts'

export interface IoctlInput {
  readonly task: string
  /** The iommufd file. */
  readonly context: string
  readonly request: RequestName
  /** What unmapping an empty range gives a container. */
  readonly emptyUnmap: 0 | string
}

type Returned = Readonly<Record<string, unknown>> & { readonly ret: number | string }

type IoctlContext = IoctlInput & {
  readonly caller: string | null
  readonly args: RequestArgs | null
  readonly ioas: string | null
  readonly step: number
  readonly returned: Returned
}

type IoctlEvent =
  | (Heard & RequestArgs & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null })
  | (Heard & { readonly type: 'ANSWER' | 'RETURN'; readonly ret: number | string })

const start = ({ task, context, request, emptyUnmap }: IoctlInput): IoctlContext => ({
  ...{ task, context, request, emptyUnmap },
  ...{ caller: null, args: null, ioas: null, step: 0, returned: { ret: 0 } },
})

const requestOf = ({ request, emptyUnmap }: IoctlContext): Request => requestCalled(request, emptyUnmap)
const refusedBefore = (context: IoctlContext): string | undefined =>
  firstFailing(requestOf(context).before?.(context.args!) ?? [])
const refusedAfter = (context: IoctlContext): string | undefined =>
  firstFailing(requestOf(context).after?.(context.args!) ?? [])
const answerOf = (context: IoctlContext): number | undefined => requestOf(context).answer?.(context.args!)
const stepsOf = (context: IoctlContext) => requestOf(context).steps?.(context.args!) ?? []

const fieldsOf = <T extends Heard>({ type: _type, from: _from, task: _task, ...fields }: T) => fields

export const ioctl = setup({
  types: {
    context: {} as IoctlContext,
    events: {} as IoctlEvent,
    emitted: {} as Said,
    input: {} as IoctlInput,
  },
  guards: {
    isRefused: ({ context }) => refusedBefore(context) !== undefined,
    isAnswered: ({ context }) => answerOf(context) !== undefined,
    asksFile: ({ context }) => requestOf(context).asks !== undefined,
    isNone: ({ event }) => event.type === 'IOAS' && event.ioas === null,
    isRefusedNow: ({ context }) => refusedAfter(context) !== undefined,
    isDone: ({ context }) => context.step === stepsOf(context).length,
    failed: ({ event }) => event.type === 'RETURN' && typeof event.ret === 'string',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: fieldsOf(event) }
    }),
    refuse: assign(({ context }) => ({ returned: { ret: refusedBefore(context)! } })),
    answer: assign(({ context }) => ({ returned: { ret: answerOf(context)! } })),
    askFile: emit(({ context }) => {
      const { ask, fields } = requestOf(context).asks!(context.args!)
      return send(context.context, ask, { task: context.task, ...fields })
    }),
    find: emit(({ context }) => {
      const { task, args } = context
      const named = requestOf(context).names
      return named
        ? send(context.context, 'FIND', { task, ioas: args!.ioas })
        : send(context.context, 'COMPAT', { task })
    }),
    noneFound: assign(({ context }) => ({ returned: { ret: requestOf(context).names ? '-ENOENT' : '-ENODEV' } })),
    keepIoas: assign(({ event }) => {
      assertEvent(event, 'IOAS')
      return { ioas: event.ioas }
    }),
    refuseNow: assign(({ context }) => ({ returned: { ret: refusedAfter(context)! } })),
    run: emit(({ context }) => {
      const { procedure, args } = stepsOf(context)[context.step]!
      return send(`${context.task}.${context.ioas}.${procedure}`, 'CALL', { task: context.task, ...args })
    }),
    advance: assign({ step: ({ context }) => context.step + 1 }),
    keep: assign(({ context, event }) => {
      assertEvent(event, ['ANSWER', 'RETURN'])
      const returned = fieldsOf(event)
      const isBare = typeof returned.ret === 'string' && requestOf(context).tellsNoMore
      return { returned: isBare ? { ret: returned.ret } : returned }
    }),
    finish: emit(({ context: { caller, task, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'ioctl',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [
        { guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] },
        { guard: 'isAnswered', target: 'idle', actions: ['answer', 'finish', 'reset'] },
        { guard: 'asksFile', target: 'asking file' },
        { target: 'finding' },
      ],
    },
    'asking file': { entry: 'askFile', on: { ANSWER: { target: 'idle', actions: ['keep', 'finish', 'reset'] } } },
    finding: {
      entry: 'find',
      on: {
        IOAS: [
          { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
          { target: 'checking again', actions: 'keepIoas' },
        ],
      },
    },
    'checking again': {
      always: [
        { guard: 'isRefusedNow', target: 'idle', actions: ['refuseNow', 'finish', 'reset'] },
        { target: 'going on' },
      ],
    },
    'going on': {
      always: [{ guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] }, { target: 'running' }],
    },
    running: {
      entry: 'run',
      on: {
        RETURN: [
          { guard: 'failed', target: 'idle', actions: ['keep', 'finish', 'reset'] },
          { target: 'going on', actions: ['keep', 'advance'] },
        ],
      },
    },
  },
})
