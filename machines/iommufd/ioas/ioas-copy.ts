/**
 * IOMMU_IOAS_COPY: finds what is mapped in one IOAS, and maps it once more in the same or in another one of the file (copy-areas.ts).
 *
 * Source: iommufd_ioas_copy, iopt_get_pages (6.2 to 7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { misfits, type Passed } from '../../kernel/passed.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { isAnywhere, mapChecks, protOf } from '../requests.ts'
import { addressSpace, type NewPart } from './area-list.ts'

export interface IoasCopyInput {
  readonly task: string
  /** The iommufd file. */
  readonly context: string
  /** Objects may be destroyed, so those that are used are counted. */
  readonly counts?: boolean
}

interface CopyArgs extends Passed {
  readonly dst: number
  readonly src: number
  readonly dst_iova: bigint
  readonly src_iova: bigint
  readonly size: bigint
  readonly flags: number
}

type IoasCopyContext = Required<IoasCopyInput> & {
  readonly caller: string | null
  readonly args: CopyArgs | null
  readonly ioas: string | null
  readonly parts: readonly NewPart[] | null
  readonly returned: Readonly<Record<string, unknown>> & { readonly ret: number | string }
}

type IoasCopyEvent =
  | (Heard & CopyArgs & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null })
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: number | string
      readonly ioas?: string | null
      readonly parts?: readonly NewPart[]
      readonly iova?: bigint
    })

const start = ({ task, context, counts = false }: IoasCopyInput): IoasCopyContext => ({
  ...{ task, context, counts, caller: null, args: null, ioas: null, parts: null, returned: { ret: 0 } },
})

const refusedBefore = ({ args }: IoasCopyContext): string | undefined => {
  const { flags, src_iova, dst_iova, size } = args!
  return firstFailing([
    ...misfits([40, 40], args!),
    ...mapChecks({ flags, iova: src_iova > dst_iova ? src_iova : dst_iova, size }),
  ])
}

/** Of what is copied, once its IOAS is found. */
const refusedSource = ({ args }: IoasCopyContext): string | undefined =>
  firstFailing([
    [args!.size === 0n, '-EINVAL'],
    [args!.src_iova + args!.size > addressSpace, '-EOVERFLOW'],
  ])

const found = [
  { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
  { guard: 'isTarget', target: 'copying', actions: 'keepIoas' },
  { target: 'checking source', actions: 'keepIoas' },
] as const

export const ioasCopy = setup({
  types: {
    context: {} as IoasCopyContext,
    events: {} as IoasCopyEvent,
    emitted: {} as Said,
    input: {} as IoasCopyInput,
  },
  guards: {
    isRefused: ({ context }) => refusedBefore(context) !== undefined,
    isRefusedNow: ({ context }) => refusedSource(context) !== undefined,
    isNone: ({ event }) => 'ioas' in event && event.ioas === null,
    isTarget: ({ context }) => context.parts !== null,
    holdsObject: ({ context }) => context.counts && context.ioas !== null,
    goesOn: ({ context }) => context.parts !== null && context.ioas === null,
    failed: ({ event }) => event.type === 'RETURN' && typeof event.ret === 'string',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: event }
    }),
    refuse: assign(({ context }) => ({ returned: { ret: refusedBefore(context)! } })),
    refuseNow: assign(({ context }) => ({ returned: { ret: refusedSource(context)! } })),
    find: emit(({ context: { task, context, counts, args, parts } }) => {
      const ioas = parts === null ? args!.src : args!.dst
      return counts
        ? send(`${task}.${context}.get_object`, 'CALL', { task, ioas })
        : send(context, 'FIND', { task, ioas })
    }),
    noneFound: assign({ returned: { ret: '-ENOENT' } }),
    keepIoas: assign(({ event }) => ('ioas' in event ? { ioas: event.ioas ?? null } : {})),
    look: emit(({ context: { task, ioas, args } }) =>
      send(`${task}.${ioas}.behind`, 'CALL', { task, iova: args!.src_iova, size: args!.size }),
    ),
    keepParts: assign(({ context: { args }, event }) => {
      assertEvent(event, 'RETURN')
      const prot = protOf(args!.flags)
      return { parts: event.parts!.map(({ size, user }) => ({ size, user: { ...user, prot } })) }
    }),
    copy: emit(({ context: { task, ioas, args, parts } }) => {
      const { dst_iova: iova, flags } = args!
      return send(`${task}.${ioas}.copy_areas`, 'CALL', { task, iova, parts, anywhere: isAnywhere(flags) })
    }),
    keep: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      const { ret, iova } = event
      return { returned: { ret, ...(iova !== undefined && { iova }) } }
    }),
    put: emit(({ context: { task, context, ioas } }) => send(`${task}.${context}.put_object`, 'CALL', { task, ioas })),
    forget: assign({ ioas: null }),
    forgetParts: assign({ parts: null }),
    finish: emit(({ context: { caller, task, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'ioasCopy',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'finding' }],
    },
    finding: { entry: 'find', on: { IOAS: found, RETURN: found } },
    'checking source': {
      always: [{ guard: 'isRefusedNow', target: 'leaving', actions: 'refuseNow' }, { target: 'looking' }],
    },
    looking: {
      entry: 'look',
      on: {
        RETURN: [
          { guard: 'failed', target: 'leaving', actions: 'keep' },
          { target: 'leaving', actions: 'keepParts' },
        ],
      },
    },
    copying: { entry: 'copy', on: { RETURN: { target: 'leaving', actions: ['keep', 'forgetParts'] } } },
    leaving: {
      always: [
        { guard: 'holdsObject', target: 'putting' },
        { target: 'left', actions: 'forget' },
      ],
    },
    putting: { entry: 'put', on: { RETURN: { target: 'left', actions: 'forget' } } },
    left: {
      always: [
        { guard: 'goesOn', target: 'finding' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
  },
})
