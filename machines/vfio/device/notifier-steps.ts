/** What vfio_register_notifier and vfio_unregister_notifier say: the same words, in the same order. */
import { send } from '../../say.ts'

/** `v13`: as mailed, with container->group_lock held for read around the operation. `v4.10`: as merged, without. */
export type NotifierEra = 'v13' | 'v4.10'

export interface NotifierInput {
  readonly task: string
  readonly era: NotifierEra
  readonly at: {
    /** Device → its group. A device that is not here has none. */
    readonly groups: Readonly<Record<string, string>>
    readonly container: string
    readonly groupLock: string
    readonly rwsem: string
    readonly chain: string
    /** The call that takes a group out of its container, for when this turns out to have been its last user. */
    readonly detach: string
  }
}

export type NotifierContext = NotifierInput & {
  readonly caller: string | null
  readonly group: string | null
  readonly nb: string | null
  readonly events: number
  readonly ret: number | string
}

export const start = ({ task, era, at }: NotifierInput): NotifierContext => ({
  task,
  era,
  at,
  caller: null,
  group: null,
  nb: null,
  events: 0,
  ret: 0,
})

type Step = { readonly context: NotifierContext }
const to = ({ context: { task } }: Step, actor: string, type: string, fields = {}) =>
  send(actor, type, { task, ...fields })

export const hasOperation = (backend: string): boolean => backend === 'type1' || backend === 'type1v2'

export const addUser = (step: Step) => to(step, step.context.group!, 'ADD_USER')
export const lockGroups = (step: Step) => to(step, step.context.at.groupLock, 'DOWN_READ')
export const readContainer = (step: Step) => to(step, step.context.at.container, 'READ')
export const lockChain = (step: Step) => to(step, step.context.at.rwsem, 'DOWN_WRITE')
export const addBlock = (step: Step) => to(step, step.context.at.chain, 'ADD', { nb: step.context.nb })
export const deleteBlock = (step: Step) => to(step, step.context.at.chain, 'DELETE', { nb: step.context.nb })
export const unlockChain = (step: Step) => to(step, step.context.at.rwsem, 'UP_WRITE')
export const unlockGroups = (step: Step) => to(step, step.context.at.groupLock, 'UP_READ')
export const dropUser = (step: Step) => to(step, step.context.group!, 'DROP_USER')
export const dissolve = (step: Step) => to(step, step.context.at.detach, 'CALL', { how: 'dissolve' })
export const reply = (step: Step) => to(step, step.context.caller!, 'RETURN', { ret: step.context.ret })
