/**
 * VFIO_DEVICE_BIND_TASK, VFIO_DEVICE_UNBIND_TASK and the release of the device: as they were posted in 2017, or with what was wrong mended; which
 * it is, each guard asks the form. A device remembers what was bound through it in entries (vfio_task) on a list, under tasks_lock.
 *
 *   BIND    the IOMMU binds, and then there is an entry: in between the PASID is live and nobody could unbind it (SVM-4). Mended: the entry is
 *           made first, and tasks_lock is held from binding until it is on the list and the user knows the PASID.
 *   UNBIND  every entry of that PASID is unbound and freed; the walk goes on from the one that was freed (SVM-1), whether unbinding worked or
 *           not (SVM-3), for whoever named the PASID, and says nothing in particular when there was none (SVM-2). Mended: the next entry is read
 *           before, or one UNBIND undoes one BIND; an entry whose unbinding failed stays; nobody unbinds what is another's, unless that
 *           other is over.
 *   RELEASE everything that is left, in an unknown state. What the IOMMU does not know (-ESRCH) needs no second try.
 *
 * What the user names is his own PASID, unless he says which. A user who has none has nothing to unbind, and makes no call.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017) and the review of 26 Apr 2017. The hunk that frees what is left
 * at release is not in what is left of the patch.
 * Left out: VFIO_SVM_PID of patch 30/30, another process' address space. The copy of an UNBIND's argument back to the user (it changes nothing).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import { complain, printk, send, type Heard, type Said } from '../../say.ts'
import type { Left } from './unbind-steps.ts'
import type { SvmForm } from './forms.ts'

export interface Rfc29Input {
  readonly task: string
  readonly form: Pick<
    SvmForm,
    'walk' | 'locksWalk' | 'bothMean' | 'unwinds' | 'initialises' | 'onFailure' | 'tracks' | 'unbinds' | 'again'
  >
  readonly device: string
  readonly at: {
    readonly file: string
    readonly processes: Readonly<Record<string, string>>
    /** tasks_lock. */
    readonly lock: string
    /** device->tasks. */
    readonly list: string
    /** Where its entries are allocated. */
    readonly tasks: string
    readonly mms: string
    /** The IOMMU core's. */
    readonly bind: string
    readonly unbind: string
    /** The IOMMU core's bonds, where the story wants to know whether an UNBIND that found nothing missed something (`missed`). */
    readonly bonds?: string
  }
}

/** The ioctl and its argument. */
interface Asked {
  readonly do: 'BIND' | 'UNBIND' | 'RELEASE'
  readonly process: string
  readonly argsz: number
  readonly flags: number
  /** Where the copy of the argument faults. */
  readonly fault: 'in' | 'out' | null
  /** kzalloc fails. */
  readonly nomem: boolean
}

type Rfc29Context = Rfc29Input & {
  readonly caller: string | null
  readonly asked: Asked
  /** The caller's address space, and the PASID it knows. */
  readonly mm: Pointer | null
  readonly own: number | null
  /** The one that is bound or unbound. */
  readonly pasid: number | null
  /** Where the walk is, and what it read there; where it goes next, if that was read before. */
  readonly entry: Pointer | null
  readonly of: Pointer | null
  readonly next: Pointer | null
  /** An entry was found; the bond of one is no more. */
  readonly matched: boolean
  readonly gone: boolean
  /** No entry was found, and there is a bond. */
  readonly missed: boolean
  readonly ret: 0 | string
}

type Rfc29Event =
  | (Heard & { readonly type: 'CALL'; readonly do: Asked['do']; readonly pasid?: number } & Partial<Asked>)
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })
  /** Of binding and unbinding. */
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly pasid?: number; readonly last?: boolean })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: 0 | string
      /** Of CURRENT, and the bond's. */
      readonly mm?: Pointer | null
      readonly pasid?: number | null
      /** Of ALLOC and NEXT. */
      readonly ptr?: Pointer | null
      /** Of an entry or of an mm. */
      readonly fields?: { readonly pasid: number; readonly mm: Pointer; readonly users: number }
      /** Of LEAVE. */
      readonly last?: boolean
    })

interface Step {
  readonly context: Rfc29Context
  readonly event: Rfc29Event
}

const minimum = 12
const flushed = 1
const clean = 2
const site = 'vfio_svm_ioctl'

const nothingAsked: Asked = { do: 'RELEASE', process: '', argsz: minimum, flags: 0, fault: null, nomem: false }

const start = ({ task, form, device, at }: Rfc29Input): Rfc29Context => ({
  ...{ task, form, device, at },
  ...{ caller: null, asked: nothingAsked, mm: null, own: null, pasid: null },
  ...{ entry: null, of: null, next: null, matched: false, gone: false, missed: false, ret: 0 },
})

const isBind = ({ asked }: Rfc29Context): boolean => asked.do === 'BIND'
const isTrackedFirst = ({ form }: Rfc29Context): boolean => form.tracks === 'with-bind'

/** What the call returns before it does anything. */
const failing = (context: Rfc29Context): string | undefined => {
  const { argsz, flags, fault, nomem } = context.asked
  return firstFailing([
    [fault === 'in', '-EFAULT'],
    [argsz < minimum, '-EINVAL'],
    [!isBind(context) && (flags & ~(flushed | clean)) !== 0, '-EINVAL'],
    [isBind(context) && context.mm === null, '-ESRCH'],
    [isBind(context) && isTrackedFirst(context) && nomem, '-ENOMEM'],
  ])
}

const left = ({ asked: { flags }, form }: Rfc29Context): Left => {
  const said = (flags & (flushed | clean)) as 0 | 1 | 2 | 3
  return ({ 0: 'unknown', 1: 'flushed', 2: 'clean', 3: form.bothMean } as const)[said]
}

/** One UNBIND undoes one BIND. */
const undoesOne = ({ form }: Rfc29Context): boolean => form.again === 'counted'

const entryRead = ({ event }: Step) => {
  assertEvent(event, 'ANSWER')
  return event.fields!
}

const mine = ({ at, asked }: Rfc29Context): string => at.processes[asked.process]!

const unbind = ({ at, task, device, pasid }: Rfc29Context, how: Left, more: object = {}) =>
  send(at.unbind, 'CALL', { task, device, pasid, how, ...more })

export const rfc29 = setup({
  types: {
    context: {} as Rfc29Context,
    events: {} as Rfc29Event,
    emitted: {} as Said,
    input: {} as Rfc29Input,
  },
  guards: {
    isRelease: ({ event }) => event.type === 'CALL' && event.do === 'RELEASE',
    hasNothingToUnbind: ({ context, event }) => {
      assertEvent(event, 'ANSWER')
      return !isBind(context) && context.pasid === null && event.pasid === null
    },
    isRefused: ({ event }) => (event.type === 'ANSWER' || event.type === 'RETURN') && event.ret !== 0,
    fails: ({ context }) => failing(context) !== undefined,
    isUnbind: ({ context }) => !isBind(context),
    walksUnlocked: ({ context }) => !isBind(context) && !context.form.locksWalk,
    isTrackedFirst: ({ context }) => isTrackedFirst(context),
    isTrackedFirstAndRefused: ({ context, event }) =>
      isTrackedFirst(context) && event.type === 'RETURN' && event.ret !== 0,
    hasNoMemory: ({ context }) => context.asked.nomem,
    faultsOut: ({ context }) => context.asked.fault === 'out',

    isEnd: ({ event }) => event.type === 'ANSWER' && event.ptr === null,
    isOfAnotherPasid: (step) => entryRead(step).pasid !== step.context.pasid,
    mayBeAnothers: (step) => {
      const { form, mm } = step.context
      return form.unbinds === 'own-pasid' && !(mm !== null && isSame(entryRead(step).mm, mm))
    },
    isAlive: (step) => entryRead(step).users > 0,
    looksAhead: ({ context }) => context.form.walk === 'safe' && !undoesOne(context),
    /** There is a bond still, and something to try again. */
    staysForAnotherTry: ({ context, event }) =>
      context.form.onFailure === 'keeps' && event.type === 'RETURN' && event.ret !== 0 && event.ret !== '-ESRCH',
    isDone: ({ context }) => undoesOne(context) || (context.form.walk === 'safe' && context.next === null),
    isSafe: ({ context }) => context.form.walk === 'safe',
    hasMatched: ({ context }) => context.matched,
    knowsBonds: ({ context }) => context.at.bonds !== undefined,
    initialises: ({ context }) => context.form.initialises,
    wasOwn: ({ context }) => context.gone && context.own === context.pasid,

    wasLast: ({ event }) => event.type === 'ANSWER' && event.last === true,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { argsz, flags, fault, nomem, process, pasid = null } = event
      const given = Object.entries({ do: event.do, process, argsz, flags, fault, nomem })
      const said = Object.fromEntries(given.filter(([, value]) => value !== undefined))
      return { caller: event.from, pasid, asked: { ...nothingAsked, ...said } }
    }),
    who: emit(({ context }) => send(mine(context), 'CURRENT', { task: context.task, device: context.device })),
    keepCurrent: assign(({ context, event }) => {
      assertEvent(event, 'ANSWER')
      return { mm: event.mm!, own: event.pasid!, pasid: context.pasid ?? (isBind(context) ? null : event.pasid!) }
    }),
    nothingBound: assign({ ret: 'nothing bound' }),
    enter: emit(({ context: { at, task, asked } }) => send(at.file, 'ENTER', { task, process: asked.process })),
    keepError: assign(({ event }) => {
      assertEvent(event, ['ANSWER', 'RETURN'])
      return { ret: event.ret! }
    }),
    fail: assign(({ context }) => ({ ret: failing(context)! })),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),

    bind: emit(({ context: { at, task, device, mm } }) => send(at.bind, 'CALL', { task, device, mm })),
    keepPasid: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { pasid: event.pasid! }
    }),
    /** Nobody was told of it. */
    unbindUnused: emit(({ context }) => unbind(context, context.form.unwinds)),
    noMemory: assign({ ret: '-ENOMEM' }),
    alloc: emit(({ context: { at, task, pasid, mm } }) =>
      send(at.tasks, 'ALLOC', { task, fields: { pasid, mm }, site }),
    ),
    keepEntry: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { entry: event.ptr! }
    }),
    fill: emit(({ context: { at, task, entry, pasid } }) =>
      send(at.tasks, 'SET', { task, ptr: entry, site, fields: { pasid } }),
    ),
    add: emit(({ context: { at, task, entry } }) => send(at.list, 'ADD', { task, ptr: entry })),
    fault: assign({ ret: '-EFAULT' }),
    tellPasid: emit(({ context }) => {
      const { task, device, pasid } = context
      return send(mine(context), 'PASID', { task, device, pasid })
    }),

    next: emit(({ context: { at, task, entry } }) => send(at.list, 'NEXT', { task, after: entry })),
    read: emit(({ context: { at, task, entry } }) => send(at.tasks, 'USE', { task, ptr: entry, site })),
    keepOf: assign((step) => ({ of: entryRead(step).mm })),
    lookAtMm: emit(({ context: { at, task, of } }) => send(at.mms, 'USE', { task, ptr: of, site })),
    keepNext: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { next: event.ptr! }
    }),
    unbind: emit(({ context }) => {
      const { form, mm, of } = context
      return unbind(context, left(context), {
        unbound: of,
        ...(form.unbinds === 'own-pasid' && mm !== null && { mm }),
      })
    }),
    keepRet: assign(({ context, event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret, matched: true, gone: context.gone || event.last === true }
    }),
    warn: emit(({ context }) => printk(4, `failed to unbind PASID ${context.pasid}`)),
    del: emit(({ context: { at, task, entry } }) => send(at.list, 'DEL', { task, ptr: entry })),
    free: emit(({ context: { at, task, entry } }) => send(at.tasks, 'FREE', { task, ptr: entry, site })),
    goOn: assign(({ context }) => ({ entry: context.next, next: null, of: null })),
    lookUp: emit(({ context: { at, task, device, pasid } }) => send(at.bonds!, 'LOOKUP', { task, device, pasid })),
    keepMissed: assign(({ context: { form, mm }, event }) => {
      assertEvent(event, 'ANSWER')
      const bound = event.mm!
      const isHis = form.unbinds === 'any-pasid' || (mm !== null && bound !== null && isSame(bound, mm))
      return { missed: bound !== null && isHis }
    }),
    notFound: assign({ ret: '-ESRCH' }),
    uninitialised: assign({ ret: 'uninitialised' }),
    complain: emit(complain('wrong-result', `uninit-value returned by ${site}`)),
    forget: emit(({ context }) => send(mine(context), 'FORGET', { task: context.task, device: context.device })),

    /** What is left is the file: runs that differ only in how they came here become one. */
    conclude: assign(({ context }) => {
      const { caller, ret, pasid, missed } = context
      return { ...start(context), caller, ret, missed, pasid: isBind(context) && ret === 0 ? pasid : null }
    }),
    leave: emit(({ context: { at, task } }) => send(at.file, 'LEAVE', { task })),

    first: emit(({ context: { at, task } }) => send(at.list, 'NEXT', { task, after: null })),
    keepHeld: assign((step) => ({ own: entryRead(step).pasid, of: entryRead(step).mm })),
    unbindHeld: emit(({ context }) => unbind({ ...context, pasid: context.own }, 'unknown', { unbound: context.of })),
    forgetEntry: assign({ entry: null, own: null, of: null }),

    finish: emit(({ context: { caller, task, ret, pasid, missed } }) =>
      send(caller!, 'RETURN', { task, ret, ...(pasid !== null && { pasid }), ...(missed && { missed }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'rfc29',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isRelease', target: 'locking to release', actions: 'begin' },
          { target: 'asking who', actions: 'begin' },
        ],
      },
    },
    'asking who': {
      entry: 'who',
      on: {
        ANSWER: [
          { guard: 'hasNothingToUnbind', target: 'idle', actions: ['nothingBound', 'finish', 'reset'] },
          { target: 'entering', actions: 'keepCurrent' },
        ],
      },
    },
    entering: {
      entry: 'enter',
      on: {
        ANSWER: [{ guard: 'isRefused', target: 'refused', actions: 'keepError' }, { target: 'checking' }],
      },
    },
    refused: { always: { target: 'idle', actions: ['conclude', 'finish', 'reset'] } },
    checking: {
      always: [
        { guard: 'fails', target: 'leaving', actions: 'fail' },
        { guard: 'walksUnlocked', target: 'stepping' },
        { guard: 'isUnbind', target: 'locking to unbind' },
        { guard: 'isTrackedFirst', target: 'allocating first' },
        { target: 'binding' },
      ],
    },

    // As posted: the bond, the entry, the list.
    binding: {
      entry: 'bind',
      on: {
        RETURN: [
          { guard: 'isTrackedFirstAndRefused', target: 'unlocking unused', actions: 'keepError' },
          { guard: 'isRefused', target: 'leaving', actions: 'keepError' },
          { guard: 'isTrackedFirst', target: 'filling', actions: 'keepPasid' },
          { guard: 'hasNoMemory', target: 'taking back', actions: ['keepPasid', 'noMemory'] },
          { target: 'allocating', actions: 'keepPasid' },
        ],
      },
    },
    'taking back': { entry: 'unbindUnused', on: { RETURN: 'leaving' } },
    allocating: { entry: 'alloc', on: { ANSWER: { target: 'locking to track', actions: 'keepEntry' } } },
    'locking to track': { entry: 'lock', on: { LOCKED: 'tracking' } },
    tracking: { entry: 'add', on: { ANSWER: 'unlocking tracked' } },
    'unlocking tracked': {
      entry: 'unlock',
      on: {
        UNLOCKED: [{ guard: 'faultsOut', target: 'leaving', actions: 'fault' }, { target: 'telling the user' }],
      },
    },
    'telling the user': { entry: 'tellPasid', on: { ANSWER: 'leaving' } },

    // Mended: the entry, and in one go the bond, the list and the user.
    'allocating first': { entry: 'alloc', on: { ANSWER: { target: 'locking to bind', actions: 'keepEntry' } } },
    'locking to bind': { entry: 'lock', on: { LOCKED: 'binding' } },
    filling: { entry: 'fill', on: { ANSWER: 'adding' } },
    adding: {
      entry: 'add',
      on: {
        ANSWER: [
          { guard: 'faultsOut', target: 'unbinding unused', actions: 'fault' },
          { target: 'telling under the lock' },
        ],
      },
    },
    'telling under the lock': { entry: 'tellPasid', on: { ANSWER: 'unlocking' } },
    'unbinding unused': {
      entry: 'unbindUnused',
      on: { RETURN: [{ guard: 'staysForAnotherTry', target: 'unlocking' }, { target: 'removing unused' }] },
    },
    'removing unused': { entry: 'del', on: { ANSWER: 'unlocking unused' } },
    'unlocking unused': { entry: 'unlock', on: { UNLOCKED: 'freeing unused' } },
    'freeing unused': { entry: 'free', on: { ANSWER: 'leaving' } },

    'locking to unbind': { entry: 'lock', on: { LOCKED: 'stepping' } },
    stepping: {
      entry: 'next',
      on: {
        ANSWER: [
          { guard: 'isEnd', target: 'walked' },
          { target: 'reading', actions: 'keepEntry' },
        ],
      },
    },
    reading: {
      entry: 'read',
      on: {
        ANSWER: [
          { guard: 'isOfAnotherPasid', target: 'stepping' },
          { guard: 'mayBeAnothers', target: 'looking whose', actions: 'keepOf' },
          { target: 'found', actions: 'keepOf' },
        ],
      },
    },
    'looking whose': {
      entry: 'lookAtMm',
      on: { ANSWER: [{ guard: 'isAlive', target: 'stepping' }, { target: 'found' }] },
    },
    found: { always: [{ guard: 'looksAhead', target: 'looking ahead' }, { target: 'unbinding' }] },
    'looking ahead': { entry: 'next', on: { ANSWER: { target: 'unbinding', actions: 'keepNext' } } },
    unbinding: {
      entry: 'unbind',
      on: {
        RETURN: [
          { guard: 'staysForAnotherTry', target: 'walked', actions: ['keepRet', 'warn'] },
          { guard: 'isRefused', target: 'removing', actions: ['keepRet', 'warn'] },
          { target: 'removing', actions: 'keepRet' },
        ],
      },
    },
    removing: { entry: 'del', on: { ANSWER: 'freeing' } },
    freeing: {
      entry: 'free',
      on: {
        ANSWER: [
          { guard: 'isDone', target: 'walked' },
          { guard: 'isSafe', target: 'reading', actions: 'goOn' },
          { target: 'reading what was freed' },
        ],
      },
    },
    'reading what was freed': { entry: 'read', on: { ANSWER: 'stepping' } },
    walked: {
      always: [
        { guard: 'wasOwn', target: 'forgetting' },
        { guard: 'hasMatched', target: 'unlocking' },
        { guard: 'knowsBonds', target: 'looking for a bond' },
        { target: 'nothing found' },
      ],
    },
    forgetting: { entry: 'forget', on: { ANSWER: 'unlocking' } },
    'looking for a bond': { entry: 'lookUp', on: { ANSWER: { target: 'nothing found', actions: 'keepMissed' } } },
    'nothing found': {
      always: [
        { guard: 'initialises', target: 'unlocking', actions: 'notFound' },
        { target: 'unlocking', actions: ['uninitialised', 'complain'] },
      ],
    },
    unlocking: { always: [{ guard: 'walksUnlocked', target: 'leaving' }, { target: 'unlocking the walk' }] },
    'unlocking the walk': { entry: 'unlock', on: { UNLOCKED: 'leaving' } },

    leaving: {
      entry: ['conclude', 'leave'],
      on: {
        ANSWER: [
          { guard: 'wasLast', target: 'locking to release' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },

    'locking to release': { entry: 'lock', on: { LOCKED: 'taking the first' } },
    'taking the first': {
      entry: 'first',
      on: {
        ANSWER: [
          { guard: 'isEnd', target: 'unlocking released' },
          { target: 'reading held', actions: 'keepEntry' },
        ],
      },
    },
    'reading held': { entry: 'read', on: { ANSWER: { target: 'unbinding held', actions: 'keepHeld' } } },
    'unbinding held': {
      entry: 'unbindHeld',
      on: {
        RETURN: [{ guard: 'staysForAnotherTry', target: 'unbinding held', reenter: true }, { target: 'removing held' }],
      },
    },
    'removing held': { entry: 'del', on: { ANSWER: 'freeing held' } },
    'freeing held': { entry: 'free', on: { ANSWER: { target: 'taking the first', actions: 'forgetEntry' } } },
    'unlocking released': {
      entry: 'unlock',
      on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } },
    },
  },
})
