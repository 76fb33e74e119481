/**
 * An ioctl on an iommufd file: checks its arguments, finds the IOAS it is about, and has that do it. What each ioctl checks and
 * wants is in requests.ts.
 *
 * Where objects are destroyed the IOAS is counted as used for as long as it takes (get-object.ts); elsewhere nobody would see it.
 *
 * Source: iommufd_fops_ioctl, iommufd_vfio_ioctl (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../kernel/checks.ts'
import { misfits } from '../kernel/passed.ts'
import { send, type Heard, type Said } from '../say.ts'
import type { Abilities } from './abilities.ts'
import { requestCalled, type IoctlTraits, type Request, type RequestArgs, type RequestName } from './requests.ts'

export interface IoctlInput {
  readonly task: string
  /** The iommufd file. */
  readonly context: string
  readonly request: RequestName
  /** The process that calls. */
  readonly process: string
  readonly kernel: IoctlTraits
  /** Objects may be destroyed, so those that are used are counted. */
  readonly counts?: boolean
}

type Returned = Readonly<Record<string, unknown>> & { readonly ret: number | string }

type IoctlContext = IoctlInput & {
  readonly caller: string | null
  readonly args: RequestArgs | null
  readonly ioas: string | null
  readonly step: number
  readonly returned: Returned
}

/** An IOAS, and who is charged for what is pinned in it; or one of its page tables. */
interface Found extends Pick<RequestArgs, 'accounts' | 'table' | 'tracks'> {
  readonly ioas: string | null
  readonly ret?: number | string
}

type IoctlEvent =
  | (Heard & RequestArgs & { readonly type: 'CALL' })
  | (Heard & Found & { readonly type: 'IOAS' })
  | (Heard & { readonly type: 'LIMITS'; readonly rawio: boolean; readonly resource?: boolean })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string; readonly can?: Abilities })
  | (Heard & Partial<Found> & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task, context, request, process, kernel, counts = false }: IoctlInput): IoctlContext => ({
  ...{ task, context, request, process, kernel, counts },
  ...{ caller: null, args: null, ioas: null, step: 0, returned: { ret: 0 } },
})

const requestOf = ({ request, kernel }: IoctlContext): Request => requestCalled(request, kernel)

/** An ioctl that this kernel does not have, or a structure that it cannot be. */
const misshapen = (context: IoctlContext): string | undefined => {
  const request = requestOf(context)
  const { lastIoctl } = context.kernel
  return firstFailing([
    [(request.number ?? 0) > lastIoctl, '-ENOTTY'],
    ...(request.sizes ? misfits(request.sizes, context.args!) : []),
  ])
}
const refusedBefore = (context: IoctlContext): string | undefined =>
  misshapen(context) ?? firstFailing(requestOf(context).before?.(context.args!) ?? [])
const refusedAfter = (context: IoctlContext): string | undefined =>
  firstFailing(requestOf(context).after?.(context.args!) ?? [])
const refusedInTheEnd = (context: IoctlContext): string | undefined =>
  firstFailing(requestOf(context).concludes?.(context.args!) ?? [])
const answerOf = (context: IoctlContext): number | undefined => requestOf(context).answer?.(context.args!)
const stepsOf = (context: IoctlContext) => requestOf(context).steps?.(context.args!) ?? []

const fieldsOf = <T extends Heard>({ type: _type, from: _from, task: _task, ...fields }: T) => fields

const found = [
  { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
  { target: 'checking again', actions: 'keepIoas' },
] as const

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
    needsRights: ({ context }) => requestOf(context).rights !== undefined && context.args!.may === undefined,
    asksFile: ({ context }) => requestOf(context).asks?.(context.args!) !== undefined,
    hasConclusion: ({ context, event }) =>
      event.type === 'ANSWER' && event.ret === 0 && refusedInTheEnd(context) !== undefined,
    isNone: ({ event }) => 'ioas' in event && event.ioas === null,
    holdsObject: ({ context }) => context.counts === true && context.ioas !== null,
    isRefusedNow: ({ context }) => refusedAfter(context) !== undefined,
    isDone: ({ context }) => context.step === stepsOf(context).length,
    failed: ({ event }) => event.type === 'RETURN' && typeof event.ret === 'string',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: fieldsOf(event) }
    }),
    refuse: assign(({ context }) => {
      const writes = misshapen(context) === undefined ? requestOf(context).writes : {}
      return { returned: { ret: refusedBefore(context)!, ...writes } }
    }),
    askRights: emit(({ context: { task, process } }) => send(`${process}.process`, 'LIMITS', { task })),
    keepRights: assign(({ context: { args }, event }) => {
      assertEvent(event, 'LIMITS')
      return { args: { ...args!, may: event.resource ?? event.rawio } }
    }),
    refuseInTheEnd: assign(({ context }) => ({
      returned: { ret: refusedInTheEnd(context)!, ...requestOf(context).writes },
    })),
    answer: assign(({ context }) => ({ returned: { ret: answerOf(context)! } })),
    askFile: emit(({ context }) => {
      const { ask, fields } = requestOf(context).asks!(context.args!)!
      return send(context.context, ask, { task: context.task, ...fields })
    }),
    find: emit(({ context }) => {
      const { task, args, counts } = context
      const { names } = requestOf(context)
      const ofTable = typeof names === 'string'
      const what = names ? { ioas: ofTable ? args!.hwpt : args!.ioas, ...(ofTable && { as: names }) } : {}
      if (counts) return send(`${task}.${context.context}.get_object`, 'CALL', { task, ...what })
      return send(context.context, 'ioas' in what ? 'FIND' : 'COMPAT', { task, ...what })
    }),
    noneFound: assign(({ context, event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      const { names, isNone, writes } = requestOf(context)
      const none = names === 'nested table' ? (isNone ?? event.ret!) : names ? '-ENOENT' : '-ENODEV'
      return { returned: { ret: none, ...writes } }
    }),
    keepIoas: assign(({ context, event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      const { ioas = null, accounts = 'memory', table, tracks } = event
      return { ioas, args: { ...context.args!, accounts, ...(table !== undefined && { table, tracks }) } }
    }),
    put: emit(({ context: { task, context, ioas } }) => send(`${task}.${context}.put_object`, 'CALL', { task, ioas })),
    refuseNow: assign(({ context }) => ({
      returned: { ret: refusedAfter(context)!, ...requestOf(context).writes },
    })),
    run: emit(({ context }) => {
      const { procedure, args } = stepsOf(context)[context.step]!
      return send(`${context.task}.${context.ioas}.${procedure}`, 'CALL', { task: context.task, ...args })
    }),
    advance: assign({ step: ({ context }) => context.step + 1 }),
    keep: assign(({ context, event }) => {
      assertEvent(event, ['ANSWER', 'RETURN'])
      const { can, ...returned } = { can: undefined, ...fieldsOf(event) }
      const isBare = typeof returned.ret === 'string' && requestOf(context).tellsNoMore
      const { tells, writes } = requestOf(context)
      const more = { ...writes, ...(returned.ret === 0 && tells?.(context.args!, can)) }
      return { returned: isBare ? { ret: returned.ret } : { ...returned, ...more } }
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
        { guard: 'needsRights', target: 'asking rights' },
        { guard: 'isAnswered', target: 'idle', actions: ['answer', 'finish', 'reset'] },
        { guard: 'asksFile', target: 'asking file' },
        { target: 'finding' },
      ],
    },
    'asking rights': { entry: 'askRights', on: { LIMITS: { target: 'checking', actions: 'keepRights' } } },
    'asking file': {
      entry: 'askFile',
      on: {
        ANSWER: [
          { guard: 'hasConclusion', target: 'idle', actions: ['refuseInTheEnd', 'finish', 'reset'] },
          { target: 'idle', actions: ['keep', 'finish', 'reset'] },
        ],
      },
    },
    finding: { entry: 'find', on: { IOAS: found, RETURN: found } },
    'checking again': {
      always: [{ guard: 'isRefusedNow', target: 'leaving', actions: 'refuseNow' }, { target: 'going on' }],
    },
    'going on': {
      always: [{ guard: 'isDone', target: 'leaving' }, { target: 'running' }],
    },
    running: {
      entry: 'run',
      on: {
        RETURN: [
          { guard: 'failed', target: 'leaving', actions: 'keep' },
          { target: 'going on', actions: ['keep', 'advance'] },
        ],
      },
    },
    leaving: {
      always: [
        { guard: 'holdsObject', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: { entry: 'put', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
