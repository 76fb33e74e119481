/**
 * VFIO_IOMMU_UNMAP_DMA on type1: looks at the arguments, then unmaps (as the protocol of this kernel does, type1/unmap/) or
 * only takes the mappings' addresses away (VADDR). What is written back to the user is the size, and only on success; bits
 * that were copied to his bitmap stay there.
 *
 * Source: vfio_iommu_type1_unmap_dma, Linux 4.19 to 7.x.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Profile } from '../../profile.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { userBitmap } from '../dirty/dirty-tracking.ts'
import {
  isAll,
  takesVaddrs,
  unmapError,
  unmapRangeError,
  wantsBitmap,
  wholeSpace,
  type UnmapArguments,
} from './unmap-checks.ts'

export interface UnmapIoctlInput {
  readonly task: string
  readonly profile: Profile
  /** The process: whose memory it is matters up to 5.19. */
  readonly process: string
  readonly at: { readonly unmap: string; readonly takeVaddrs: string }
}

type Call = Heard &
  UnmapArguments & {
    readonly type: 'CALL'
    readonly backend: Pointer
    readonly prefill: number
    readonly data?: string
  }
type UnmapIoctlContext = UnmapIoctlInput & { readonly caller: string | null }
type UnmapIoctlEvent =
  | Call
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: number | string
      readonly size?: bigint | null
      readonly bitmap?: readonly bigint[]
    })

const start = ({ task, profile, process, at }: UnmapIoctlInput): UnmapIoctlContext => ({
  ...{ task, profile, process, at },
  caller: null,
})

/** With VADDR the range is looked at later: the presence of emulated devices comes first. */
const errorOf = ({ profile }: UnmapIoctlContext, call: Call): string | undefined =>
  unmapError(profile, call) ?? (takesVaddrs(call.flags) ? undefined : unmapRangeError(profile, call))

export const unmapIoctl = setup({
  types: {
    context: {} as UnmapIoctlContext,
    events: {} as UnmapIoctlEvent,
    emitted: {} as Said,
    input: {} as UnmapIoctlInput,
  },
  guards: {
    isWrong: ({ context, event }) => event.type === 'CALL' && errorOf(context, event) !== undefined,
    takesVaddrs: ({ event }) => event.type === 'CALL' && takesVaddrs(event.flags),
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    refuse: emit(({ context, event }) => {
      assertEvent(event, 'CALL')
      return send(event.from, 'RETURN', { task: context.task, ret: errorOf(context, event) })
    }),
    takeVaddrs: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'CALL')
      const { flags, iova, size, pgsize, backend } = event
      return send(at.takeVaddrs, 'CALL', { task, flags, iova, size, pgsize, backend })
    }),
    unmap: emit(({ context: { at, task, process }, event }) => {
      assertEvent(event, 'CALL')
      const { flags, backend, prefill, data } = event
      const all = isAll(flags)
      const { iova, size } = all ? wholeSpace : event
      const user = wantsBitmap(flags) ? userBitmap(prefill, data) : null
      return send(at.unmap, 'CALL', { task, mm: process, iova, size, backend, all, user })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      const { ret, size, bitmap } = event
      return send(caller!, 'RETURN', {
        task,
        ret,
        ...(typeof size === 'bigint' && { size }),
        ...(bitmap && { bitmap }),
      })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unmapIoctl',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isWrong', actions: 'refuse' },
          { guard: 'takesVaddrs', target: 'unmapping', actions: ['begin', 'takeVaddrs'] },
          { target: 'unmapping', actions: ['begin', 'unmap'] },
        ],
      },
    },
    unmapping: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
