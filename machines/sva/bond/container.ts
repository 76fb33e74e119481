/**
 * A container binds address spaces to all of its devices (VFIO_IOMMU_BIND and UNBIND, VFIO_IOMMU_BIND_PROCESS): one PASID for an address space,
 * whatever device uses it. What is bound is on mm_list, under iommu->lock.
 *
 *   BIND     of what is bound already returns its PASID, and counts or not (SVM-6); otherwise every device is bound, or none
 *   ATTACH   a group that joins is bound to every address space of the list that is not over (vfio_iommu_replay_bind). The reference this
 *            takes may turn out to be the last, so it is put by somebody else, later ('async'): whoever puts it at once ('sync') runs
 *            mm_exit, which wants the lock that he holds (B-53)
 *   DETACH   unbinds the devices of a group; with the last group everything goes off the list
 *   MM_EXIT  an address space is over: the core tells, and unbinds itself. It comes from whatever puts an mm, so also from within another
 *            call of the same task
 *
 * Unbinding waits for an mm_exit of the same bond that runs. As posted it does so with iommu->lock held ('under-lock'), which that mm_exit may
 * be waiting for (1.C.4). Repaired, whoever binds, unbinds, attaches or detaches holds a lock of its own, `changes`, to the end, and
 * iommu->lock only to look and to change the list; mm_exit takes iommu->lock alone.
 *
 * Source: "[PATCH v2 13/40] vfio: Add support for Shared Virtual Addressing" (May 2018); `changes` is not from there.
 * Left out: who may name whom (ptrace), task_lock (nobody exits while he is named), whatever a group brings and takes besides bonds,
 * container->group_lock (which keeps attach and detach apart), devices that cannot do it; the bind of the first device of a group of
 * several, which is undone at once. An entry is allocated once its PASID is known. An asynchronous put is done as a whole by the
 * worker. The core of 2018 cannot fail to unbind: here it may time out, and is asked again.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { SvmForm } from './forms.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface ContainerInput {
  readonly task: string
  /** The devices of every group. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly form: Pick<SvmForm, 'replayPut' | 'detachWaits' | 'again'>
  readonly at: {
    readonly file: string
    readonly processes: Readonly<Record<string, string>>
    /** iommu->lock. */
    readonly lock: string
    /** Taken by those who change what is bound, if they do not wait with iommu->lock held. */
    readonly changes: string
    readonly list: string
    readonly vfioMms: string
    readonly attached: string
    readonly bind: string
    readonly unbind: string
    readonly mms: string
    readonly mmput: string
    readonly mmputAsync: string
    readonly translation: string
  }
}

/** An entry of mm_list (struct vfio_mm). */
interface VfioMm {
  readonly pasid: number
  readonly mm: Pointer
  /** BINDs that no UNBIND has undone, where that is counted. */
  readonly users: number
}

interface Bond {
  readonly device: string
  readonly pasid: number
  readonly mm: Pointer
}

type What = 'BIND' | 'UNBIND' | 'ATTACH' | 'DETACH' | 'MM_EXIT' | 'RELEASE'

type ContainerContext = ContainerInput & {
  readonly caller: string | null
  /** Null when there is nothing more to do but to end. */
  readonly what: What | null
  readonly process: string | null
  readonly foreign: boolean
  readonly noMemory: boolean
  readonly unwritable: boolean
  readonly group: string | null
  /** Which locks it holds: `changes`, iommu->lock. */
  readonly changing: boolean
  readonly locked: boolean
  /** The descriptor was looked up, and keeps the container open. */
  readonly entered: boolean
  /** Whose bonds it is about, and whether this call has a reference to it. */
  readonly mm: Pointer | null
  readonly counted: boolean
  /** The devices it is about; of BIND, those that are not bound yet. */
  readonly devices: readonly string[]
  /** One of the groups has several. */
  readonly several: boolean
  /** The list as far as it was not walked yet; its first entry is the current one. */
  readonly entries: readonly Pointer[]
  readonly entry: VfioMm | null
  /** It takes every entry off. */
  readonly takesAll: boolean
  /** To be taken off the list, and freed. */
  readonly leaving: readonly Pointer[]
  /** Bound by this call, so far. */
  readonly bound: readonly Bond[]
  readonly unbinds: readonly Bond[]
  /** Of which devices a process is told that it may use them by its PASID. */
  readonly tells: readonly string[]
  readonly forgets: readonly { readonly process: string; readonly device: string }[]
  readonly pasid: number | null
  readonly ret: 0 | string
}

interface Params {
  readonly process: string
  readonly flags?: number
  readonly argsz?: number
  readonly fault?: 'in' | 'out'
  readonly nomem?: boolean
}

type ContainerCall =
  | (Heard & Params & { readonly type: 'CALL'; readonly do: 'BIND' | 'UNBIND' })
  | (Heard & {
      readonly type: 'CALL'
      readonly do: 'ATTACH' | 'DETACH'
      readonly group: string
      readonly process?: string
    })
  | (Heard & { readonly type: 'CALL'; readonly do: 'MM_EXIT' } & Bond)
  | (Heard & { readonly type: 'CALL'; readonly do: 'RELEASE' })

type ContainerEvent =
  | ContainerCall
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: 0 | string
      readonly mm?: Pointer | null
      readonly value?: number
      readonly groups?: readonly string[]
      readonly ptrs?: readonly Pointer[]
      readonly fields?: VfioMm
      readonly ptr?: Pointer
      readonly last?: boolean
    })
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: 0 | string
      readonly pasid?: number
      /** Of unbind: false if the bond goes on, because it was counted. */
      readonly last?: boolean
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

/** VFIO_IOMMU_BIND_PID: the process is named, and need not be the caller. */
const byPid = 1
/** struct vfio_iommu_type1_bind and, in it, struct vfio_iommu_type1_bind_process. */
const minsz = 20

const start = ({ task, groups, form, at }: ContainerInput): ContainerContext => ({
  ...{ task, groups, form, at },
  ...{ caller: null, what: null, process: null, foreign: false, noMemory: false, unwritable: false, group: null },
  ...{ changing: false, locked: false, entered: false, mm: null, counted: false, devices: [], several: false },
  ...{ entries: [], entry: null, takesAll: false, leaving: [], bound: [], unbinds: [], tells: [], forgets: [] },
  ...{ pasid: null, ret: 0 },
})

interface Step {
  readonly context: ContainerContext
  readonly event: ContainerEvent
}

const answered = ({ event }: Step) => {
  assertEvent(event, 'ANSWER')
  return event
}

const returned = ({ event }: Step) => {
  assertEvent(event, 'RETURN')
  return event
}

/** The arguments of BIND and UNBIND; before anybody looked at them, everything fits. */
const params = ({ event }: Step) => {
  assertEvent(event, 'CALL')
  const { fault, flags = byPid, argsz = minsz, nomem = false } = event as Heard & Params
  return { fault, flags, argsz, nomem }
}

/** As the kernel compares: the address. */
const isOfMm = ({ context, event }: Step): boolean => event.type === 'ANSWER' && event.fields!.mm.id === context.mm!.id

const isUnwanted = (step: Step): 0 | string => {
  const { fault, flags, argsz } = params(step)
  if (fault === 'in') return '-EFAULT'
  return argsz < minsz || (flags & ~byPid) !== 0 ? '-EINVAL' : 0
}

const devicesOf = ({ groups }: ContainerContext, attached: readonly string[]): readonly string[] =>
  attached.flatMap((group) => groups[group]!)

const hasSeveral = ({ groups }: ContainerContext, attached: readonly string[]): boolean =>
  attached.some((group) => groups[group]!.length > 1)

const bondsOf = (devices: readonly string[], { pasid, mm }: Omit<VfioMm, 'users'>): readonly Bond[] =>
  devices.map((device) => ({ device, pasid, mm }))

/** Where it happens, as a report of a memory error says. */
const sites: Readonly<Record<What, string>> = {
  BIND: 'vfio_iommu_type1_bind_process',
  UNBIND: 'vfio_iommu_type1_unbind_process',
  ATTACH: 'vfio_iommu_replay_bind',
  DETACH: 'vfio_iommu_free_all_mm',
  MM_EXIT: 'vfio_iommu_mm_exit',
  RELEASE: 'vfio_iommu_free_all_mm',
}

export const container = setup({
  types: {
    context: {} as ContainerContext,
    events: {} as ContainerEvent,
    emitted: {} as Said,
    input: {} as ContainerInput,
  },
  guards: {
    isExit: ({ event }) => event.type === 'CALL' && event.do === 'MM_EXIT',
    /** An ioctl of the group, or the end of all. */
    needsNoDescriptor: ({ event }) => event.type === 'CALL' && (event.do === 'DETACH' || event.do === 'RELEASE'),
    isRefused: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    joins: ({ context }) => context.what === 'ATTACH',
    failed: ({ context }) => context.ret !== 0,
    hasNoMm: ({ event }) => event.type === 'ANSWER' && event.mm === null,
    isZero: ({ event }) => event.type === 'ANSWER' && event.value === 0,
    waitsWithoutLock: ({ context }) => context.form.detachWaits === 'without-lock',
    exits: ({ context }) => context.what === 'MM_EXIT',

    isOver: ({ context, event }) => context.what === 'RELEASE' && event.type === 'ANSWER' && event.groups!.length === 0,
    /** Nothing is attached to bind to; it is attached already; it is not. */
    isMisplaced: (step) => {
      const { what, group } = step.context
      const { groups } = answered(step)
      if (what === 'BIND') return groups!.length === 0
      if (what === 'ATTACH') return groups!.includes(group!)
      return what === 'DETACH' && !groups!.includes(group!)
    },
    parts: ({ context }) => context.what === 'DETACH' || context.what === 'RELEASE',

    isWalked: ({ context }) => context.entries.length === 0,
    isBoundAlready: (step) => step.context.what === 'BIND' && isOfMm(step),
    countsUp: (step) => {
      const { what, form, unwritable } = step.context
      return what === 'BIND' && form.again === 'counted' && !unwritable && isOfMm(step)
    },
    countsDown: (step) => {
      const { what, form } = step.context
      return what === 'UNBIND' && form.again === 'counted' && isOfMm(step) && answered(step).fields!.users > 1
    },
    isWanted: (step) => (step.context.what === 'UNBIND' || step.context.what === 'MM_EXIT') && isOfMm(step),
    binds: ({ context }) => context.what === 'BIND',
    unbinds: ({ context }) => context.what === 'UNBIND',
    hasNoMemory: ({ context }) => context.what === 'BIND' && context.noMemory,
    isForSeveral: ({ context }) => context.what === 'BIND' && context.several,
    isSeveral: ({ context }) => context.several,
    cannotWrite: ({ context }) => context.unwritable,
    hasLeaving: ({ context }) => context.leaving.length > 0,
    hasMoreLeaving: ({ context }) => context.leaving.length > 1,

    isFailure: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    isLastDevice: ({ context }) => context.devices.length === 1,
    putsLater: ({ context }) => context.form.replayPut === 'async',
    knows: ({ context }) => context.tells.length === 0,

    isLocked: ({ context }) => context.locked,
    unlocksFirst: ({ context }) => context.locked && context.form.detachWaits === 'without-lock',
    /** A group leaves when its devices are closed, so nobody can use them any more. */
    isClosed: ({ context: { what, forgets } }) => forgets.length > 0 && (what === 'DETACH' || what === 'RELEASE'),
    hasUnbinds: ({ context }) => context.unbinds.length > 0,
    hasForgets: ({ context }) => context.forgets.length > 0,
    isChanging: ({ context }) => context.changing,
    isCounted: ({ context }) => context.counted,
    isEntered: ({ context }) => context.entered,
    isReleasing: ({ context }) => context.what === 'RELEASE',
    timedOut: ({ event }) => event.type === 'RETURN' && event.ret === '-ETIMEDOUT',
    /** There was no such bond any more, or others count on it still. */
    unboundNothing: ({ event }) => event.type === 'RETURN' && (event.ret !== 0 || event.last === false),
    isLast: ({ event }) => event.type === 'ANSWER' && event.last === true,
  },
  actions: {
    begin: assign((step) => {
      const { event } = step
      assertEvent(event, 'CALL')
      const { from: caller, do: what } = event
      switch (event.do) {
        case 'BIND':
        case 'UNBIND': {
          const { flags, fault, nomem } = params(step)
          const common = { foreign: (flags & byPid) !== 0, noMemory: nomem, unwritable: fault === 'out' }
          return { caller, what, process: event.process, ...common, ret: isUnwanted(step) }
        }
        case 'MM_EXIT':
          return { caller, what, mm: event.mm }
        case 'RELEASE':
          return { caller, what }
        default:
          return { caller, what, group: event.group, process: event.process ?? null }
      }
    }),
    /** An ioctl of the group does not say whose it is: somebody has the container open. */
    enter: emit(({ context: { at, task, process } }) =>
      send(at.file, 'ENTER', { task, ...(process !== null && { process }) }),
    ),
    entered: assign({ entered: true }),
    keepRefusal: assign((step) => ({ ret: answered(step).ret! })),

    askMm: emit(({ context: { at, task, process } }) => send(at.processes[process!]!, 'CURRENT', { task })),
    keepMm: assign((step) => ({ mm: answered(step).mm! })),
    getMm: emit(({ context: { at, task, mm } }) =>
      send(at.mms, 'INC_NOT_ZERO', { task, ptr: mm, site: 'get_task_mm', field: 'users' }),
    ),
    counted: assign({ counted: true }),
    noMm: assign(({ context }) => ({ mm: null, ret: context.foreign ? '-ESRCH' : '-EINVAL' })),

    lockChanges: emit(({ context: { at, task } }) => send(at.changes, 'LOCK', { task })),
    gainChanges: assign({ changing: true }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    gain: assign({ locked: true }),

    readGroups: emit(({ context: { at, task } }) => send(at.attached, 'READ', { task })),
    over: assign({ what: null }),
    invalid: assign({ ret: '-EINVAL' }),
    keepGroups: assign((step) => {
      const groups = answered(step).groups!
      const { what, group } = step.context
      const concerned = what === 'ATTACH' ? [group!] : groups
      const devices = devicesOf(step.context, concerned)
      return { devices, several: hasSeveral(step.context, concerned), tells: what === 'BIND' ? devices : [] }
    }),
    keepParting: assign((step) => {
      const groups = answered(step).groups!
      const group = step.context.group ?? groups[0]!
      const devices = devicesOf(step.context, [group])
      const forgets = Object.keys(step.context.at.processes).flatMap((process) =>
        devices.map((device) => ({ process, device })),
      )
      return { group, devices, forgets, takesAll: groups.length === 1 }
    }),
    part: emit(({ context: { at, task, group } }) => send(at.attached, 'DEL', { task, group })),

    readList: emit(({ context: { at, task } }) => send(at.list, 'READ', { task })),
    keepEntries: assign((step) => ({ entries: answered(step).ptrs! })),
    follow: emit(({ context: { at, task, entries, what } }) =>
      send(at.vfioMms, 'USE', { task, ptr: entries[0], site: sites[what!] }),
    ),
    next: assign(({ context }) => ({ entries: context.entries.slice(1), entry: null })),
    keepPasid: assign((step) => ({ pasid: answered(step).fields!.pasid })),
    count: emit(({ context: { at, task, entries, what } }) =>
      send(at.vfioMms, 'ADD', {
        ...{ task, ptr: entries[0], site: sites[what!], field: 'users', by: what === 'BIND' ? 1 : -1 },
      }),
    ),
    walked: assign({ entries: [] }),
    /** UNBIND, MM_EXIT: this one goes; of UNBIND so do its bonds, and the process knows. */
    single: assign((step) => {
      const { what, entries, devices, process } = step.context
      const leaving = entries.slice(0, 1)
      if (what === 'MM_EXIT') return { leaving, entries: [] }
      const forgets = devices.map((device) => ({ process: process!, device }))
      return { leaving, entries: [], unbinds: bondsOf(devices, answered(step).fields!), forgets }
    }),
    collect: assign((step) => {
      const { entries, leaving, unbinds, devices, takesAll } = step.context
      return {
        leaving: takesAll ? [...leaving, entries[0]!] : [],
        unbinds: [...unbinds, ...bondsOf(devices, answered(step).fields!)],
        entries: entries.slice(1),
      }
    }),
    notBound: assign({ ret: '-ESRCH' }),
    noMemory: assign({ ret: '-ENOMEM' }),
    badAddress: assign({ ret: '-EFAULT' }),

    bind: emit(({ context: { at, task, devices, mm } }) => send(at.bind, 'CALL', { task, device: devices[0], mm })),
    keepBound: assign((step) => {
      const { bound, devices, mm } = step.context
      const pasid = returned(step).pasid!
      return { pasid, devices: devices.slice(1), bound: [...bound, { device: devices[0]!, pasid, mm: mm! }] }
    }),
    keepFailure: assign((step) => ({ ret: returned(step).ret })),
    undo: assign(({ context }) => ({ unbinds: context.bound })),
    alloc: emit(({ context: { at, task, mm, pasid } }) =>
      send(at.vfioMms, 'ALLOC', { task, fields: { pasid, mm, users: 1 }, site: sites.BIND }),
    ),
    add: emit((step) => send(step.context.at.list, 'ADD', { task: step.context.task, ptr: answered(step).ptr })),
    forgetBound: assign({ bound: [] }),
    tell: emit(({ context: { at, task, process, tells, pasid } }) =>
      send(at.processes[process!]!, 'PASID', { task, device: tells[0], pasid }),
    ),
    told: assign(({ context }) => ({ tells: context.tells.slice(1) })),

    keepEntry: assign((step) => ({ entry: answered(step).fields! })),
    getToReplay: emit(({ context: { at, task, entry } }) =>
      send(at.mms, 'INC_NOT_ZERO', { task, ptr: entry!.mm, site: sites.ATTACH, field: 'users' }),
    ),
    replay: emit(({ context: { at, task, devices, entry } }) =>
      send(at.bind, 'CALL', { task, device: devices[0], mm: entry!.mm }),
    ),
    keepReplayed: assign(({ context: { bound, devices, entry } }) => ({
      bound: [...bound, ...bondsOf(devices, entry!)],
    })),
    putLater: emit(({ context: { at, task, entry } }) => send(at.mmputAsync, 'CALL', { task, mm: entry!.mm })),
    putAtOnce: emit(({ context: { at, task, entry } }) => send(at.mmput, 'CALL', { task, mm: entry!.mm })),
    join: emit(({ context: { at, task, group } }) => send(at.attached, 'ADD', { task, group })),

    takeOff: emit(({ context: { at, task, leaving } }) => send(at.list, 'DEL', { task, ptr: leaving[0] })),
    free: emit(({ context: { at, task, leaving, what } }) =>
      send(at.vfioMms, 'FREE', { task, ptr: leaving[0], site: sites[what!] }),
    ),
    nextLeaving: assign(({ context }) => ({ leaving: context.leaving.slice(1) })),

    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    lose: assign({ locked: false }),
    forget: emit(({ context: { at, task, forgets } }) =>
      send(at.processes[forgets[0]!.process]!, 'FORGET', { task, device: forgets[0]!.device }),
    ),
    nextForget: assign(({ context }) => ({ forgets: context.forgets.slice(1) })),
    unbind: emit(({ context: { at, task, unbinds } }) =>
      send(at.unbind, 'CALL', { task, ...unbinds[0]!, how: 'unknown' }),
    ),
    unbound: emit(({ context: { at, task, unbinds } }) =>
      send(at.translation, 'UNBOUND', { task, device: unbinds[0]!.device, mm: unbinds[0]!.mm }),
    ),
    nextUnbind: assign(({ context }) => ({ unbinds: context.unbinds.slice(1) })),
    unlockChanges: emit(({ context: { at, task } }) => send(at.changes, 'UNLOCK', { task })),
    loseChanges: assign({ changing: false }),
    put: emit(({ context: { at, task, mm } }) => send(at.mmput, 'CALL', { task, mm })),
    forgetMm: assign({ mm: null, counted: false }),
    leave: emit(({ context: { at, task } }) => send(at.file, 'LEAVE', { task })),
    left: assign({ entered: false }),
    release: assign({ what: 'RELEASE' }),
    /** What was asked for is over, but for what must be undone: runs that differ only in that become one. */
    conclude: assign(({ context }) => {
      const { caller, what, changing, locked, entered, mm, counted, unbinds, forgets, pasid, ret } = context
      return {
        ...start(context),
        ...{ caller, what, changing, locked, entered, mm, counted, unbinds, forgets, pasid, ret },
      }
    }),
    finish: emit(({ context: { caller, task, pasid, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && pasid !== null && { pasid }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'container',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isExit', target: 'locking', actions: 'begin' },
          { guard: 'needsNoDescriptor', target: 'beginning', actions: 'begin' },
          { target: 'entering', actions: 'begin' },
        ],
      },
    },
    entering: {
      entry: 'enter',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'idle', actions: ['keepRefusal', 'finish', 'reset'] },
          { guard: 'joins', target: 'beginning', actions: 'entered' },
          { guard: 'failed', target: 'settling', actions: 'entered' },
          { target: 'asking mm', actions: 'entered' },
        ],
      },
    },
    'asking mm': {
      entry: 'askMm',
      on: {
        ANSWER: [
          { guard: 'hasNoMm', target: 'settling', actions: 'noMm' },
          { target: 'getting mm', actions: 'keepMm' },
        ],
      },
    },
    'getting mm': {
      entry: 'getMm',
      on: {
        ANSWER: [
          { guard: 'isZero', target: 'settling', actions: 'noMm' },
          { target: 'beginning', actions: 'counted' },
        ],
      },
    },
    beginning: { always: [{ guard: 'waitsWithoutLock', target: 'locking changes' }, { target: 'locking' }] },
    'locking changes': { entry: 'lockChanges', on: { LOCKED: { target: 'locking', actions: 'gainChanges' } } },
    locking: {
      entry: 'lock',
      on: {
        LOCKED: [
          { guard: 'exits', target: 'reading list', actions: 'gain' },
          { target: 'reading groups', actions: 'gain' },
        ],
      },
    },
    'reading groups': {
      entry: 'readGroups',
      on: {
        ANSWER: [
          { guard: 'isOver', target: 'settling', actions: 'over' },
          { guard: 'isMisplaced', target: 'settling', actions: 'invalid' },
          { guard: 'parts', target: 'parting', actions: 'keepParting' },
          { target: 'reading list', actions: 'keepGroups' },
        ],
      },
    },
    parting: { entry: 'part', on: { ANSWER: 'reading list' } },

    'reading list': { entry: 'readList', on: { ANSWER: { target: 'walking', actions: 'keepEntries' } } },
    walking: { always: [{ guard: 'isWalked', target: 'through' }, { target: 'following' }] },
    following: {
      entry: 'follow',
      on: {
        ANSWER: [
          { guard: 'countsUp', target: 'counting up', actions: 'keepPasid' },
          { guard: 'isBoundAlready', target: 'bound', actions: 'keepPasid' },
          { guard: 'countsDown', target: 'counting down' },
          { guard: 'isWanted', target: 'taking off', actions: 'single' },
          { guard: 'parts', target: 'walking', actions: 'collect' },
          { guard: 'joins', target: 'getting mm to replay', actions: 'keepEntry' },
          { target: 'walking', actions: 'next' },
        ],
      },
    },
    'counting up': { entry: ['count', 'walked'], on: { ANSWER: 'bound' } },
    'counting down': { entry: ['count', 'walked'], on: { ANSWER: 'settling' } },
    through: {
      always: [
        { guard: 'hasNoMemory', target: 'settling', actions: 'noMemory' },
        { guard: 'isForSeveral', target: 'settling', actions: 'invalid' },
        { guard: 'binds', target: 'binding' },
        { guard: 'unbinds', target: 'settling', actions: 'notBound' },
        { guard: 'joins', target: 'joining' },
        { guard: 'hasLeaving', target: 'taking off' },
        { target: 'settling' },
      ],
    },

    binding: {
      entry: 'bind',
      on: {
        RETURN: [
          { guard: 'isFailure', target: 'settling', actions: ['keepFailure', 'undo'] },
          { guard: 'isLastDevice', target: 'tracking', actions: 'keepBound' },
          { target: 'binding', actions: 'keepBound', reenter: true },
        ],
      },
    },
    tracking: {
      always: [
        { guard: 'cannotWrite', target: 'settling', actions: ['badAddress', 'undo'] },
        { target: 'allocating', actions: 'forgetBound' },
      ],
    },
    allocating: { entry: 'alloc', on: { ANSWER: { target: 'adding', actions: 'add' } } },
    adding: { on: { ANSWER: 'telling' } },
    bound: {
      always: [{ guard: 'cannotWrite', target: 'settling', actions: 'badAddress' }, { target: 'telling' }],
    },
    telling: { always: [{ guard: 'knows', target: 'settling' }, { target: 'copying' }] },
    copying: { entry: 'tell', on: { ANSWER: { target: 'telling', actions: 'told' } } },

    'getting mm to replay': {
      entry: 'getToReplay',
      on: {
        ANSWER: [
          { guard: 'isZero', target: 'walking', actions: 'next' },
          { guard: 'isSeveral', target: 'putting', actions: 'invalid' },
          { target: 'replaying' },
        ],
      },
    },
    replaying: {
      entry: 'replay',
      on: {
        RETURN: [
          { guard: 'isFailure', target: 'putting', actions: 'keepFailure' },
          { target: 'putting', actions: 'keepReplayed' },
        ],
      },
    },
    putting: { always: [{ guard: 'putsLater', target: 'putting later' }, { target: 'putting at once' }] },
    'putting later': { entry: 'putLater', on: { RETURN: 'replayed' } },
    'putting at once': { entry: 'putAtOnce', on: { RETURN: 'replayed' } },
    replayed: {
      always: [
        { guard: 'failed', target: 'settling', actions: 'undo' },
        { target: 'walking', actions: 'next' },
      ],
    },
    joining: { entry: 'join', on: { ANSWER: 'settling' } },

    'taking off': { entry: 'takeOff', on: { ANSWER: 'freeing' } },
    freeing: {
      entry: 'free',
      on: {
        ANSWER: [
          { guard: 'hasMoreLeaving', target: 'taking off', actions: 'nextLeaving' },
          { target: 'settling', actions: 'nextLeaving' },
        ],
      },
    },

    settling: {
      entry: 'conclude',
      always: [
        { guard: 'unlocksFirst', target: 'unlocking' },
        { guard: 'isClosed', target: 'forgetting' },
        { guard: 'hasUnbinds', target: 'unbinding' },
        { guard: 'isLocked', target: 'unlocking' },
        { guard: 'isChanging', target: 'unlocking changes' },
        { guard: 'hasForgets', target: 'forgetting' },
        { guard: 'isCounted', target: 'putting mm' },
        { guard: 'isEntered', target: 'leaving' },
        { guard: 'isReleasing', target: 'beginning' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'settling', actions: 'lose' } } },
    forgetting: { entry: 'forget', on: { ANSWER: { target: 'settling', actions: 'nextForget' } } },
    unbinding: {
      entry: 'unbind',
      on: {
        RETURN: [
          { guard: 'timedOut', target: 'unbinding', reenter: true },
          { guard: 'unboundNothing', target: 'settling', actions: 'nextUnbind' },
          { target: 'unbound' },
        ],
      },
    },
    unbound: { entry: 'unbound', on: { ANSWER: { target: 'settling', actions: 'nextUnbind' } } },
    'unlocking changes': {
      entry: 'unlockChanges',
      on: { UNLOCKED: { target: 'settling', actions: 'loseChanges' } },
    },
    'putting mm': { entry: 'put', on: { RETURN: { target: 'settling', actions: 'forgetMm' } } },
    leaving: {
      entry: 'leave',
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'settling', actions: ['left', 'release'] },
          { target: 'settling', actions: 'left' },
        ],
      },
    },
  },
})
