/**
 * A driver that lets the user of its device bind his address space by iommu_sva_bind_device. It keeps the handles on a
 * list of the device's open file, an entry for each bind, under a lock that it holds around binding as well; it knows
 * how to stop its device, tells it to before the last handle of a pair goes, and unbinds whatever the device says. The
 * system calls are those of rfc29.ts, so that both can be held against each other.
 *
 *   bind     entry and bond are there before the user hears of the PASID; if he cannot be told, the bond is taken back
 *   unbind   he names a PASID, his own unless he says; the entry must be of his address space, or of one that is over
 *   release  the last close unbinds what is left
 *
 * The kernel's rule is that a driver stops its device, and nothing is foreseen for one that cannot. Here, where the
 * device's word counts (`trusts`), the PASID of one that does not say that it has stopped is never used again.
 *
 * Source: "Shared Virtual Addressing (SVA) with ENQCMD", Documentation/arch/x86/sva.rst; idxd and uacce as drivers that
 * do so. None of them has these two calls: they bind when the device is opened.
 * Left out: VFIO itself, which never got it; a driver that gives each of its users a file of his own.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { SvmForm } from './forms.ts'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface SvaDomainInput {
  readonly task: string
  readonly device: string
  readonly form: Pick<SvmForm, 'unbinds' | 'trusts'>
  readonly at: {
    readonly file: string
    /** Of the list. */
    readonly lock: string
    readonly list: string
    /** Its entries. */
    readonly tasks: string
    readonly mms: string
    readonly processes: Readonly<Record<string, string>>
    readonly bind: string
    readonly unbind: string
    /** Tells the device. */
    readonly stop: string
    /** Without them nobody can be told that a PASID must not be used again. */
    readonly pasids?: Readonly<Record<number, string>>
    readonly translation: string
  }
}

type What = 'BIND' | 'UNBIND' | 'RELEASE'

interface Args {
  readonly argsz: number
  readonly flags: number
  readonly fault: 'in' | 'out' | null
  readonly nomem: boolean
}

interface Fields {
  readonly pasid: number
  readonly mm: Pointer
  readonly handle: Pointer
}

type Entry = Fields & { readonly ptr: Pointer }

type SvaDomainContext = SvaDomainInput & {
  readonly caller: string | null
  readonly do: What | null
  readonly process: string | null
  readonly args: Args | null
  /** The caller's address space. */
  readonly mm: Pointer | null
  /** Of what is bound, or to be unbound. */
  readonly pasid: number | null
  readonly handle: Pointer | null
  /** Entries that are still to be looked at, and what the first of them is. */
  readonly rest: readonly Pointer[]
  readonly seen: Fields | null
  readonly found: Entry | null
  /** Another entry has the same handle. */
  readonly isShared: boolean
  readonly forgets: boolean
  readonly ret: number | string
}

type SvaDomainEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly do: 'BIND' | 'UNBIND'
      readonly process: string
      readonly pasid?: number
    } & { readonly [Arg in keyof Args]?: Args[Arg] })
  | (Heard & { readonly type: 'CALL'; readonly do: 'RELEASE' })
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: number | string
      readonly pasid?: number
      readonly handle?: Pointer
    })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: number | string
      readonly mm?: Pointer | null
      readonly pasid?: number | null
      readonly ptr?: Pointer
      readonly ptrs?: readonly Pointer[]
      readonly fields?: unknown
      readonly last?: boolean
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

interface Step {
  readonly context: SvaDomainContext
  readonly event: SvaDomainEvent
}

const site = 'sva_driver_ioctl'
/** offsetofend(struct vfio_device_svm, pasid) */
const minsz = 12
/** VFIO_SVM_PASID_RELEASE_FLUSHED | VFIO_SVM_PASID_RELEASE_CLEAN */
const knownFlags = 1 | 2

const start = ({ task, device, form, at }: SvaDomainInput): SvaDomainContext => ({
  ...{ task, device, form, at },
  ...{ caller: null, do: null, process: null, args: null, mm: null, pasid: null, handle: null },
  ...{ rest: [], seen: null, found: null, isShared: false, forgets: false, ret: 0 },
})

const answered = ({ event }: Step) => {
  assertEvent(event, 'ANSWER')
  return event
}

const returned = ({ event }: Step) => {
  assertEvent(event, 'RETURN')
  return event
}

const fieldsOf = (step: Step): Fields => answered(step).fields as Fields

/** The last close takes what comes, a system call what its user named. */
const isNamed = (step: Step): boolean => step.context.do === 'RELEASE' || fieldsOf(step).pasid === step.context.pasid

/** May be unbound without anybody looking at whose it is. */
const isFree = (step: Step): boolean => {
  const { form, mm } = step.context
  return step.context.do === 'RELEASE' || form.unbinds === 'any-pasid' || isSame(fieldsOf(step).mm, mm!)
}

const foundIn = ({ context }: Step, { pasid, mm, handle }: Fields) => ({
  found: { ptr: context.rest[0]!, pasid, mm, handle },
  rest: context.rest.slice(1),
  seen: null,
})

export const svaDomain = setup({
  types: {
    context: {} as SvaDomainContext,
    events: {} as SvaDomainEvent,
    emitted: {} as Said,
    input: {} as SvaDomainInput,
  },
  guards: {
    isRelease: ({ event }) => event.type === 'CALL' && event.do === 'RELEASE',
    releases: ({ context }) => context.do === 'RELEASE',
    binds: ({ context }) => context.do === 'BIND',
    namesNothing: (step) =>
      step.context.do === 'UNBIND' && step.context.pasid === null && answered(step).pasid === null,
    isGone: (step) => answered(step).mm === null,
    isRefused: (step) => answered(step).ret !== 0,
    faultsIn: ({ context }) => context.args!.fault === 'in',
    isInvalid: ({ context }) => {
      const { argsz, flags } = context.args!
      return argsz < minsz || (context.do === 'UNBIND' && (flags & ~knownFlags) !== 0)
    },
    hasNoMemory: ({ context }) => context.do === 'BIND' && context.args!.nomem,

    failed: (step) => returned(step).ret !== 0,
    faultsOut: ({ context }) => context.args!.fault === 'out',

    hasMore: ({ context }) => context.rest.length > 0,
    hasFound: ({ context }) => context.found !== null,
    sharesFound: (step) => step.context.found !== null && isSame(fieldsOf(step).handle, step.context.found.handle),
    isFound: (step) => step.context.found === null && isNamed(step) && isFree(step),
    isOthers: (step) => step.context.found === null && isNamed(step),
    isOver: (step) => (answered(step).fields as { readonly users: number }).users === 0,
    isShared: ({ context }) => context.isShared,
    /** The device does not say that it has stopped, and that matters. */
    isAtWork: (step) => {
      const { form, at } = step.context
      return form.trusts === 'device' && returned(step).ret === 'unknown' && at.pasids !== undefined
    },
    forgets: ({ context }) => context.forgets,
    isLast: (step) => answered(step).last === true,
  },
  actions: {
    beginRelease: assign({ caller: ({ event }) => event.from, do: 'RELEASE' }),
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      if (event.do === 'RELEASE') return {}
      const { from: caller, process, argsz = minsz, flags = 0, pasid = null, fault = null, nomem = false } = event
      return { caller, do: event.do, process, pasid, args: { argsz, flags, fault, nomem } }
    }),
    askWho: emit(({ context: { at, task, device, process } }) =>
      send(at.processes[process!]!, 'CURRENT', { task, device }),
    ),
    keepWho: assign((step) => {
      const { context } = step
      const { mm, pasid } = answered(step)
      return { mm: mm!, ...(context.do === 'UNBIND' && context.pasid === null && { pasid: pasid! }) }
    }),
    nothingBound: assign({ ret: 'nothing bound' }),
    noProcess: assign({ ret: '-ESRCH' }),
    enter: emit(({ context: { at, task, process } }) => send(at.file, 'ENTER', { task, process })),
    keepRefusal: assign((step) => ({ ret: answered(step).ret! })),
    fault: assign({ ret: '-EFAULT' }),
    invalid: assign({ ret: '-EINVAL' }),
    noMemory: assign({ ret: '-ENOMEM' }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),

    bind: emit(({ context: { at, task, device, mm } }) => send(at.bind, 'CALL', { task, device, mm })),
    keepError: assign((step) => ({ ret: returned(step).ret })),
    keepBond: assign((step) => ({ handle: returned(step).handle!, pasid: returned(step).pasid! })),
    takeBack: emit(({ context: { at, task, handle } }) => send(at.unbind, 'CALL', { task, handle })),
    alloc: emit(({ context: { at, task, pasid, mm, handle } }) =>
      send(at.tasks, 'ALLOC', { task, fields: { pasid, mm, handle }, site: 'sva_driver_ioctl' }),
    ),
    add: emit((step) => {
      const { at, task } = step.context
      return send(at.list, 'ADD', { task, ptr: answered(step).ptr })
    }),
    tellPasid: emit(({ context: { at, task, device, process, pasid } }) =>
      send(at.processes[process!]!, 'PASID', { task, device, pasid }),
    ),

    readList: emit(({ context: { at, task } }) => send(at.list, 'READ', { task })),
    keepList: assign((step) => ({ rest: answered(step).ptrs! })),
    useEntry: emit(({ context: { at, task, rest } }) => send(at.tasks, 'USE', { task, ptr: rest[0], site })),
    find: assign((step) => foundIn(step, fieldsOf(step))),
    see: assign((step) => {
      const { pasid, mm, handle } = fieldsOf(step)
      return { seen: { pasid, mm, handle } }
    }),
    useMm: emit(({ context: { at, task, seen } }) => send(at.mms, 'USE', { task, ptr: seen!.mm, site })),
    findSeen: assign((step) => foundIn(step, step.context.seen!)),
    share: assign({ isShared: true, rest: [] }),
    skip: assign(({ context }) => ({ rest: context.rest.slice(1), seen: null })),
    notFound: assign({ ret: '-ESRCH' }),

    stop: emit(({ context: { at, task, found } }) =>
      send(at.stop, 'CALL', { task, pasid: found!.pasid, mm: found!.mm }),
    ),
    giveUpPasid: emit(({ context: { at, task, found } }) =>
      send(at.pasids![found!.pasid]!, 'RELEASE', { task, how: 'unknown' }),
    ),
    unbind: emit(({ context: { at, task, found } }) => send(at.unbind, 'CALL', { task, handle: found!.handle })),
    tellUnbound: emit(({ context: { at, task, device, found } }) =>
      send(at.translation, 'UNBOUND', { task, device, mm: found!.mm }),
    ),
    noteOwn: assign(({ context: { do: what, found, mm } }) => ({
      forgets: what === 'UNBIND' && isSame(found!.mm, mm!),
    })),
    del: emit(({ context: { at, task, found } }) => send(at.list, 'DEL', { task, ptr: found!.ptr })),
    free: emit(({ context: { at, task, found } }) => send(at.tasks, 'FREE', { task, ptr: found!.ptr, site })),
    forgetEntry: assign({ found: null, isShared: false }),

    /** What remains to be done needs no more than this: runs that differ in the rest become one. */
    conclude: assign(({ context }) => {
      const { caller, do: what, process, pasid, forgets, ret } = context
      return {
        ...start(context),
        ...{ caller, do: what, ret },
        ...(forgets && { forgets, process }),
        ...(what !== 'UNBIND' && ret === 0 && { pasid }),
      }
    }),
    forget: emit(({ context: { at, task, device, process } }) =>
      send(at.processes[process!]!, 'FORGET', { task, device }),
    ),
    leave: emit(({ context: { at, task } }) => send(at.file, 'LEAVE', { task })),
    /** Who leaves last releases, and returns what he would have. */
    become: assign({ do: 'RELEASE', process: null, forgets: false }),
    finish: emit(({ context: { caller, task, pasid, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && pasid !== null && { pasid }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'svaDomain',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isRelease', target: 'locking', actions: 'beginRelease' },
          { target: 'asking who', actions: 'begin' },
        ],
      },
    },
    'asking who': {
      entry: 'askWho',
      on: {
        ANSWER: [
          { guard: 'namesNothing', target: 'idle', actions: ['nothingBound', 'finish', 'reset'] },
          { guard: 'isGone', target: 'idle', actions: ['noProcess', 'finish', 'reset'] },
          { target: 'entering', actions: 'keepWho' },
        ],
      },
    },
    entering: {
      entry: 'enter',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'idle', actions: ['keepRefusal', 'finish', 'reset'] },
          { guard: 'faultsIn', target: 'leaving', actions: ['fault', 'conclude'] },
          { guard: 'isInvalid', target: 'leaving', actions: ['invalid', 'conclude'] },
          { guard: 'hasNoMemory', target: 'leaving', actions: ['noMemory', 'conclude'] },
          { target: 'locking' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: [{ guard: 'binds', target: 'binding' }, { target: 'reading list' }] } },

    binding: {
      entry: 'bind',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unlocking', actions: 'keepError' },
          { guard: 'faultsOut', target: 'taking back', actions: ['keepBond', 'fault'] },
          { target: 'allocating', actions: 'keepBond' },
        ],
      },
    },
    'taking back': { entry: 'takeBack', on: { RETURN: 'unlocking' } },
    allocating: { entry: 'alloc', on: { ANSWER: 'adding' } },
    adding: { entry: 'add', on: { ANSWER: 'telling PASID' } },
    'telling PASID': { entry: 'tellPasid', on: { ANSWER: 'unlocking' } },

    'reading list': { entry: 'readList', on: { ANSWER: { target: 'walking', actions: 'keepList' } } },
    walking: {
      always: [
        { guard: 'hasMore', target: 'using an entry' },
        { guard: 'hasFound', target: 'asking device' },
        { guard: 'releases', target: 'unlocking' },
        { target: 'unlocking', actions: 'notFound' },
      ],
    },
    'using an entry': {
      entry: 'useEntry',
      on: {
        ANSWER: [
          { guard: 'sharesFound', target: 'walking', actions: 'share' },
          { guard: 'isFound', target: 'walking', actions: 'find' },
          { guard: 'isOthers', target: 'using mm', actions: 'see' },
          { target: 'walking', actions: 'skip' },
        ],
      },
    },
    'using mm': {
      entry: 'useMm',
      on: {
        ANSWER: [
          { guard: 'isOver', target: 'walking', actions: 'findSeen' },
          { target: 'walking', actions: 'skip' },
        ],
      },
    },

    'asking device': { always: [{ guard: 'isShared', target: 'unbinding' }, { target: 'stopping' }] },
    stopping: {
      entry: 'stop',
      on: { RETURN: [{ guard: 'isAtWork', target: 'giving up PASID' }, { target: 'unbinding' }] },
    },
    'giving up PASID': { entry: 'giveUpPasid', on: { ANSWER: 'unbinding' } },
    unbinding: {
      entry: 'unbind',
      on: { RETURN: [{ guard: 'isShared', target: 'deleting' }, { target: 'telling that it is unbound' }] },
    },
    'telling that it is unbound': {
      entry: ['tellUnbound', 'noteOwn'],
      on: { ANSWER: 'deleting' },
    },
    deleting: { entry: 'del', on: { ANSWER: 'freeing' } },
    freeing: {
      entry: ['free', 'forgetEntry'],
      on: { ANSWER: [{ guard: 'releases', target: 'reading list' }, { target: 'unlocking' }] },
    },

    unlocking: {
      entry: ['unlock', 'conclude'],
      on: {
        UNLOCKED: [
          { guard: 'releases', target: 'idle', actions: ['finish', 'reset'] },
          { guard: 'forgets', target: 'forgetting' },
          { target: 'leaving' },
        ],
      },
    },
    forgetting: { entry: 'forget', on: { ANSWER: 'leaving' } },
    leaving: {
      entry: 'leave',
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'locking', actions: 'become' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
  },
})
