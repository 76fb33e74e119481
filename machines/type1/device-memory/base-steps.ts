/**
 * What the protocols that ask a driver for the pages of a vma (vma-private.ts, vma-to-pfn.ts) have besides steps.ts: a pfn is computed,
 * from the region that the vma maps and the page in it. And vma-to-pfn's pfnmaps, which know their mapping.
 */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Vma } from '../../mm/vma/areas.ts'
import { pfnOf } from '../../mm/vma/index-space.ts'
import { pageSize } from '../../mm/extent.ts'
import { send } from '../../say.ts'
import { calledBack, isCovered, type ProtocolContext, type ProtocolEvent, type Request } from './steps.ts'

interface Step {
  readonly context: ProtocolContext
  readonly event: ProtocolEvent
}

/** The request of a call that is known to ask for a pfn. */
const asked = ({ asked }: ProtocolContext) => asked as Extract<Request, { readonly do: 'GET_PFN' }>

/** The physical page that the vma begins with. */
const baseOf = ({ at, form }: ProtocolContext, { device, bar, pgoff }: Vma): bigint =>
  pfnOf(form.pgoff, { pfn: at.devices[device!]!.bars![bar]! }, pgoff)

const fromBase = (context: ProtocolContext, base: bigint): { readonly pfn: bigint } => ({
  pfn: base + (asked(context).vaddr - context.vma!.start) / pageSize,
})

const typeOf = ({ at, fields }: ProtocolContext): string => at.containers[fields!.container]!.type1

// What is asked.

/** The mapping has a pfnmap, and all of it goes by the base in there, whatever vma this is. */
export const hasBaseOfFirst = (step: Step): boolean => step.context.form.base === 'first-vma' && isCovered(step)
/** pfnmap->dma is NULL. */
export const isUnlinked = ({ event }: Step): boolean => event.type === 'ANSWER' && event.fields!.dma === null

// What is said.

export const readBase =
  (site: string) =>
  ({ context: { at, task, dma } }: Step) =>
    send(at.pfnmaps, 'USE', { task, ptr: dma!.pfnmaps[0]!.ptr, site })
/** The mapping that the pfnmap points to. */
export const followLink =
  (site: string) =>
  ({ context }: Step) =>
    send(typeOf(context), 'USE', { task: context.task, dma: context.fields!.dma!, site })
/** Nothing is looked for, but iommu->lock was followed to: whether there is still an iommu shows here. */
export const touchIommu =
  (site: string) =>
  ({ context }: Step) =>
    send(typeOf(context), 'LIST', { task: context.task, site })
const clear = ({ at, task }: ProtocolContext, ptr: Pointer, site: string) =>
  send(at.pfnmaps, 'SET', { task, ptr, site, fields: { dma: null } })
export const clearLink =
  (site: string) =>
  ({ context }: Step) =>
    clear(context, context.pfnmaps[0]!, site)
export const clearLinkOfCalledBack =
  (site: string) =>
  ({ context }: Step) =>
    clear(context, calledBack(context), site)

// What is remembered.

export const noOperation = (): Partial<ProtocolContext> => ({ ret: '-EINVAL' })
/** From the vma's own base. */
export const computePfn = ({ context }: Step): Partial<ProtocolContext> =>
  fromBase(context, baseOf(context, context.vma!))
/** From the base that the pfnmap remembers, whichever vma it was of. */
export const computeFromFirst = ({ context, event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return fromBase(context, event.fields!.base!)
}
/** What the new pfnmap is made of: it remembers the base, and points to its mapping. */
export const describe = ({ context }: Step): Partial<ProtocolContext> => {
  const { container, dma } = asked(context)
  const vma = context.vma!
  return { fields: { container, device: vma.device!, dma, base: baseOf(context, vma) } }
}
