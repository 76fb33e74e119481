/**
 * IOMMU_IOAS_MAP_FILE: maps what is behind a descriptor, as IOMMU_IOAS_MAP does the caller's memory. Of a file of any other kind than a memfd it is found
 * only when its pages are wanted that it has none; a dma-buf is imported at once.
 *
 * Source: iommufd_ioas_map_file, iopt_map_file_pages (drivers/iommu/iommufd/ioas.c, io_pagetable.c, 7.x).
 * Left out: that a mapping keeps the file.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { misfits, type Passed } from '../../kernel/passed.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { isAnywhere, mapChecks, protOf } from '../requests.ts'
import { addressSpace } from './area-list.ts'

export interface IoasMapFileInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  /** The iommufd file. */
  readonly context: string
  /** The kernel has it. */
  readonly exists: boolean
  /** Objects may be destroyed, so those that are used are counted. */
  readonly counts?: boolean
}

interface MapFileArgs extends Passed {
  readonly ioas: number
  readonly iova: bigint
  readonly size: bigint
  readonly start: bigint
  readonly flags: number
  readonly of_file: string
}

interface Behind {
  readonly file: string
  readonly kind: string
  readonly of: string
  readonly light: boolean
}

type IoasMapFileContext = Required<IoasMapFileInput> & {
  readonly caller: string | null
  readonly args: MapFileArgs | null
  readonly ioas: string | null
  readonly accounts: string
  readonly behind: Behind | null
  /** Of a dma-buf: which import of it this is. */
  readonly import: number | null
  readonly returned: Readonly<Record<string, unknown>> & { readonly ret: number | string }
}

type IoasMapFileEvent =
  | (Heard & MapFileArgs & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null; readonly accounts: string })
  | (Heard & Behind & { readonly type: 'FILE'; readonly ret: number | string })
  | (Heard & { readonly type: 'IMPORTED'; readonly ret: number | string; readonly import?: number })
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: number | string
      readonly iova?: bigint
      readonly ioas?: string | null
      readonly accounts?: string
    })
  | (Heard & { readonly type: 'PUT' })

const start = ({ task, table, context, exists, counts = false }: IoasMapFileInput): IoasMapFileContext => ({
  ...{ task, table, context, exists, counts },
  ...{ caller: null, args: null, ioas: null, accounts: 'memory', behind: null, import: null, returned: { ret: 0 } },
})

const refusedBefore = ({ exists, args }: IoasMapFileContext): string | undefined =>
  firstFailing([[!exists, '-ENOTTY'], ...misfits([40, 40], args!), ...mapChecks(args!)])

const refusedNow = ({ args }: IoasMapFileContext): string | undefined =>
  firstFailing([
    [args!.size === 0n, '-EINVAL'],
    [args!.start + args!.size > addressSpace, '-EOVERFLOW'],
  ])

const found = [
  { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
  { target: 'checking again', actions: 'keepIoas' },
] as const

export const ioasMapFile = setup({
  types: {
    context: {} as IoasMapFileContext,
    events: {} as IoasMapFileEvent,
    emitted: {} as Said,
    input: {} as IoasMapFileInput,
  },
  guards: {
    isRefused: ({ context }) => refusedBefore(context) !== undefined,
    isRefusedNow: ({ context }) => refusedNow(context) !== undefined,
    isNone: ({ event }) => 'ioas' in event && event.ioas === null,
    isBad: ({ event }) => event.type === 'FILE' && event.ret !== 0,
    isBuffer: ({ event }) => event.type === 'FILE' && (event.kind === 'dma-buf' || event.kind === 'heap buffer'),
    failed: ({ event }) => 'ret' in event && typeof event.ret === 'string',
    holdsFile: ({ context }) => context.behind !== null && !context.behind.light,
    holdsObject: ({ context }) => context.counts,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, args: event }
    }),
    refuse: assign(({ context }) => ({ returned: { ret: refusedBefore(context)! } })),
    refuseNow: assign(({ context }) => ({ returned: { ret: refusedNow(context)! } })),
    find: emit(({ context: { task, context, counts, args } }) => {
      const { ioas } = args!
      return counts
        ? send(`${task}.${context}.get_object`, 'CALL', { task, ioas })
        : send(context, 'FIND', { task, ioas })
    }),
    noneFound: assign({ returned: { ret: '-ENOENT' } }),
    keepIoas: assign(({ event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      return { ioas: event.ioas ?? null, accounts: event.accounts ?? 'memory' }
    }),
    get: emit(({ context: { task, table, args } }) => send('files', 'FDGET', { task, table, fd: args!.of_file })),
    keepFile: assign(({ event }) => {
      assertEvent(event, 'FILE')
      const { file, kind, of, light } = event
      return { behind: { file, kind, of, light } }
    }),
    bad: assign({ returned: { ret: '-EBADF' } }),
    import: emit(({ context: { task, behind, args } }) =>
      send(behind!.of, 'IMPORT', { task, start: args!.start, size: args!.size }),
    ),
    keepImport: assign(({ event }) => (event.type === 'IMPORTED' ? { import: event.import ?? null } : {})),
    map: emit(({ context: { task, ioas, args, accounts, behind, import: imported } }) => {
      const { iova, size, start: vaddr, flags } = args!
      const hasPages = behind!.kind === 'memfd' || imported !== null
      const file = hasPages ? behind!.of : null
      const memory = { iova, size, vaddr, file, prot: protOf(flags), ...(imported !== null && { import: imported }) }
      return send(`${task}.${ioas}.map`, 'CALL', { task, ...memory, anywhere: isAnywhere(flags), accounts })
    }),
    keep: assign(({ event }) => {
      assertEvent(event, ['RETURN', 'IMPORTED'])
      const chosen = event.type === 'RETURN' && event.iova !== undefined ? { iova: event.iova } : {}
      return { returned: { ret: event.ret, ...chosen } }
    }),
    putFile: emit(({ context: { task, behind } }) => send('files', 'FDPUT', { task, file: behind!.file })),
    put: emit(({ context: { task, context, ioas } }) => send(`${task}.${context}.put_object`, 'CALL', { task, ioas })),
    finish: emit(({ context: { caller, task, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'ioasMapFile',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'finding' }],
    },
    finding: { entry: 'find', on: { IOAS: found, RETURN: found } },
    'checking again': {
      always: [{ guard: 'isRefusedNow', target: 'leaving', actions: 'refuseNow' }, { target: 'getting file' }],
    },
    'getting file': {
      entry: 'get',
      on: {
        FILE: [
          { guard: 'isBad', target: 'leaving', actions: 'bad' },
          { guard: 'isBuffer', target: 'importing', actions: 'keepFile' },
          { target: 'mapping', actions: 'keepFile' },
        ],
      },
    },
    importing: {
      entry: 'import',
      on: {
        IMPORTED: [
          { guard: 'failed', target: 'mapped', actions: 'keep' },
          { target: 'mapping', actions: 'keepImport' },
        ],
      },
    },
    mapping: { entry: 'map', on: { RETURN: { target: 'mapped', actions: 'keep' } } },
    mapped: { always: [{ guard: 'holdsFile', target: 'putting file' }, { target: 'leaving' }] },
    'putting file': { entry: 'putFile', on: { PUT: 'leaving' } },
    leaving: {
      always: [
        { guard: 'holdsObject', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: { entry: 'put', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
