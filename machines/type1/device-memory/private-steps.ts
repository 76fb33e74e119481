/** The steps of vma-private.ts that have to do with the struct behind vm_private_data. */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send } from '../../say.ts'
import { isStrict, type ProtocolContext, type ProtocolEvent, type Request } from './steps.ts'

interface Step {
  readonly context: ProtocolContext
  readonly event: ProtocolEvent
}

type Asked<What extends Request['do']> = Extract<Request, { readonly do: What }>

/** The struct that a call is about, and on whose behalf. */
const ofRequest = ({ asked }: ProtocolContext): { readonly ptr: Pointer; readonly site: string } => {
  if (asked!.do === 'MMAPPED') return { ptr: asked!.private, site: 'vfio_device_fops_mmap' }
  const { do: what, vma } = asked as Asked<'OPEN' | 'CLOSE'>
  return { ptr: vma.private!, site: what === 'OPEN' ? 'vfio_vma_open' : 'vfio_vma_close' }
}

// What a call is for.

export const allocates = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'MMAP'
export const opens = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'OPEN'
export const closes = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'CLOSE'
/** The driver keeps data of its own in vm_private_data; or its mmap failed, and somebody looks at that. */
export const drops = ({ context: { form }, event }: Step): boolean =>
  event.type === 'CALL' && event.do === 'MMAPPED' && (event.ret === 0 ? form.optsOut : !form.wrapsFailed)
/** There is a vma to be wrapped. Where the driver's mmap failed it goes at once, with all that points to the struct. */
export const wraps = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'MMAPPED' && event.ret === 0

// What is asked on the way.

/** Its vm_ops are not VFIO's. */
export const takesNoPart = ({ event }: Step): boolean => event.type === 'ANSWER' && event.vma!.ops !== 'vfio'
export const takesNoPartAndIsStrict = (step: Step): boolean => takesNoPart(step) && isStrict(step)
export const isUnused = ({ event }: Step): boolean => event.type === 'ANSWER' && event.value === 0

// What is said.

export const allocate = ({ context: { at, task, asked } }: Step) =>
  send(at.privates!, 'ALLOC', { task, fields: { device: (asked as Asked<'MMAP'>).device, kref: 1 } })
export const finishMmap = ({ context: { caller, task }, event }: Step) => {
  assertEvent(event, 'ANSWER')
  return send(caller!, 'RETURN', { task, ret: 0, private: event.ptr! })
}
export const wrap = ({ context: { at, task, asked } }: Step) => {
  const { process, vma, private: ptr } = asked as Asked<'MMAPPED'>
  return send(at.processes[process]!.mm, 'SET', { task, vma: vma!.ptr, ops: 'vfio', private: ptr })
}
export const get = ({ context }: Step) =>
  send(context.at.privates!, 'ADD', { task: context.task, ...ofRequest(context), field: 'kref', by: 1 })
export const put = ({ context }: Step) =>
  send(context.at.privates!, 'ADD', { task: context.task, ...ofRequest(context), field: 'kref', by: -1 })
export const free = ({ context }: Step) =>
  send(context.at.privates!, 'FREE', { task: context.task, ...ofRequest(context) })
export const read = ({ context: { at, task, vma } }: Step) =>
  send(at.privates!, 'USE', { task, ptr: vma!.private!, site: 'vfio_device_get_from_vma' })

/** What the pfnmap is to be made of: the device that the struct names. */
export const describe = ({ context: { asked }, event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return { fields: { container: (asked as Asked<'GET_PFN'>).container, device: event.fields!.device } }
}
