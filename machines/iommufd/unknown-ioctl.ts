/**
 * An ioctl that iommufd does not have, or one that it has with a plain number where a pointer should be. VFIO_IOMMU_DIRTY_PAGES is one
 * that it does not have.
 *
 * Source: iommufd_fops_ioctl, iommufd_vfio_ioctl (7.x); uapi vfio.h and iommufd.h for the numbers.
 */
import { emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

type UnknownIoctlContext = { readonly last: number }
type UnknownIoctlEvent = Heard & { readonly type: 'CALL'; readonly req?: bigint }

/** VFIO_IOMMU_GET_INFO, MAP_DMA, UNMAP_DMA. */
const pointers = [0x3b70, 0x3b71, 0x3b72]
/** What iommufd has of its own, by number. */
const own = { first: 0x3b80 }

/** The kernel looks at 32 bits of the request; of those of its own, at their number only until it has the structure's size. */
const takesPointer = ({ last }: UnknownIoctlContext, { req = 0n }: UnknownIoctlEvent): boolean => {
  const request = Number(BigInt.asUintN(32, req))
  const number = request & 0xff
  return pointers.includes(request) || (number >= (own.first & 0xff) && number <= last)
}

export const unknownIoctl = setup({
  types: {
    context: {} as UnknownIoctlContext,
    events: {} as UnknownIoctlEvent,
    emitted: {} as Said,
    /** The number of the last ioctl that there is. */
    input: {} as { readonly task: string; readonly last: number },
  },
  guards: {
    takesPointer: ({ context, event }) => takesPointer(context, event),
  },
  actions: {
    finish: emit(({ event }, { ret }: { ret: string }) => answer(event, 'RETURN', { ret })),
  },
}).createMachine({
  id: 'unknownIoctl',
  context: ({ input: { last } }) => ({ last }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'takesPointer', actions: { type: 'finish', params: { ret: '-EFAULT' } } },
          { actions: { type: 'finish', params: { ret: '-ENOTTY' } } },
        ],
      },
    },
  },
})
