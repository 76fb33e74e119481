/**
 * vfio_register_notifier(): a vendor driver asks to be told of DMA_UNMAP. The chain's rwsem is taken for write, so
 * this waits for every callback that runs: from inside a callback it waits for itself. In the patch as mailed
 * container->group_lock is held for read meanwhile: with a third party that waits to write it, a cycle (V13-5).
 *
 * Source: "[PATCH v13 11/22]" (15 Nov 2016) for era 'v13'; as merged in 4.10 for era 'v4.10'. `events` is the mask of
 * the merged form, bit 0 is DMA_UNMAP; unknown bits are found by type1 itself, hence after -ENOTTY (that order from
 * memory).
 * Left out: vfio.group_lock and the group's reference (a group is never freed here), and the group notifier (KVM).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'
import * as steps from './notifier-steps.ts'

const DMA_UNMAP = 1

type RegisterEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly device: string | null
      readonly nb: string | null
      readonly events?: number
    })
  | (Heard & { readonly type: 'USER'; readonly ret: number | string })
  | (Heard & { readonly type: 'BACKEND'; readonly backend: string })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ADDED' | 'RETURN' })

export const registerNotifier = setup({
  types: {
    context: {} as steps.NotifierContext,
    events: {} as RegisterEvent,
    emitted: {} as Said,
    input: {} as steps.NotifierInput,
  },
  guards: {
    nullArgument: ({ event }) => {
      assertEvent(event, 'CALL')
      return event.device === null || event.nb === null
    },
    noEvents: ({ context, event }) => {
      assertEvent(event, 'CALL')
      return context.era === 'v4.10' && event.events === 0
    },
    noGroup: ({ context, event }) => {
      assertEvent(event, 'CALL')
      return context.at.groups[event.device ?? ''] === undefined
    },
    refused: ({ event }) => {
      assertEvent(event, 'USER')
      return event.ret !== 0
    },
    locksGroups: ({ context }) => context.era === 'v13',
    noOperation: ({ event }) => {
      assertEvent(event, 'BACKEND')
      return !steps.hasOperation(event.backend)
    },
    unknownEvents: ({ context }) => context.era === 'v4.10' && (context.events & ~DMA_UNMAP) !== 0,
    wasLast: ({ event }) => {
      assertEvent(event, 'DROPPED')
      return event.last
    },
  },
  actions: {
    begin: assign(({ context, event }) => {
      assertEvent(event, 'CALL')
      return {
        caller: event.from,
        group: context.at.groups[event.device ?? ''] ?? null,
        nb: event.nb,
        events: event.events ?? DMA_UNMAP,
      }
    }),
    fail: emit(({ event }, { ret }: { ret: string }) => answer(event, 'RETURN', { ret })),
    settle: assign({ ret: (_, { ret }: { ret: string }) => ret }),
    keepRefusal: assign({
      ret: ({ event }) => {
        assertEvent(event, 'USER')
        return event.ret
      },
    }),
    addUser: emit(steps.addUser),
    lockGroups: emit(steps.lockGroups),
    readContainer: emit(steps.readContainer),
    lockChain: emit(steps.lockChain),
    add: emit(steps.addBlock),
    unlockChain: emit(steps.unlockChain),
    unlockGroups: emit(steps.unlockGroups),
    dropUser: emit(steps.dropUser),
    dissolve: emit(steps.dissolve),
    reply: emit(steps.reply),
    reset: assign(({ context }) => steps.start(context)),
  },
}).createMachine({
  id: 'registerNotifier',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'nullArgument', actions: { type: 'fail', params: { ret: '-EINVAL' } } },
          { guard: 'noEvents', actions: { type: 'fail', params: { ret: '-EINVAL' } } },
          { guard: 'noGroup', actions: { type: 'fail', params: { ret: '-ENODEV' } } },
          { target: 'becoming user', actions: 'begin' },
        ],
      },
    },
    'becoming user': {
      entry: 'addUser',
      on: {
        USER: [
          { guard: 'refused', target: 'idle', actions: ['keepRefusal', 'reply', 'reset'] },
          { guard: 'locksGroups', target: 'locking groups' },
          { target: 'reading container' },
        ],
      },
    },
    'locking groups': { entry: 'lockGroups', on: { LOCKED: 'reading container' } },
    'reading container': {
      entry: 'readContainer',
      on: {
        BACKEND: [
          { guard: 'noOperation', target: 'op done', actions: { type: 'settle', params: { ret: '-ENOTTY' } } },
          { guard: 'unknownEvents', target: 'op done', actions: { type: 'settle', params: { ret: '-EINVAL' } } },
          { target: 'locking chain' },
        ],
      },
    },
    'locking chain': { entry: 'lockChain', on: { LOCKED: 'adding' } },
    adding: { entry: 'add', on: { ADDED: 'unlocking chain' } },
    'unlocking chain': { entry: 'unlockChain', on: { UNLOCKED: 'op done' } },
    'op done': {
      always: [{ guard: 'locksGroups', target: 'unlocking groups' }, { target: 'dropping user' }],
    },
    'unlocking groups': { entry: 'unlockGroups', on: { UNLOCKED: 'dropping user' } },
    'dropping user': {
      entry: 'dropUser',
      on: {
        DROPPED: [
          { guard: 'wasLast', target: 'dissolving' },
          { target: 'idle', actions: ['reply', 'reset'] },
        ],
      },
    },
    dissolving: { entry: 'dissolve', on: { RETURN: { target: 'idle', actions: ['reply', 'reset'] } } },
  },
})
