/**
 * vfio_unregister_notifier(): a vendor driver no longer wants to be told; -ENOENT when it was not on the chain. Locks
 * as in register-notifier.ts: it waits for every callback that runs, and in the patch as mailed it does so with
 * container->group_lock held for read (V13-5).
 *
 * Source: "[PATCH v13 11/22]" (15 Nov 2016) for era 'v13'; as merged in 4.10 for era 'v4.10'.
 * Left out: vfio.group_lock and the group's reference (a group is never freed here), and the group notifier (KVM).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'
import * as steps from './notifier-steps.ts'

type UnregisterEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly device: string | null
      readonly nb: string | null
    })
  | (Heard & { readonly type: 'USER'; readonly ret: number | string })
  | (Heard & { readonly type: 'BACKEND'; readonly backend: string })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })
  | (Heard & { readonly type: 'DELETED'; readonly ret: number | string })

export const unregisterNotifier = setup({
  types: {
    context: {} as steps.NotifierContext,
    events: {} as UnregisterEvent,
    emitted: {} as Said,
    input: {} as steps.NotifierInput,
  },
  guards: {
    nullArgument: ({ event }) => {
      assertEvent(event, 'CALL')
      return event.device === null || event.nb === null
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
      }
    }),
    fail: emit(({ event }, { ret }: { ret: string }) => answer(event, 'RETURN', { ret })),
    settle: assign({ ret: (_, { ret }: { ret: string }) => ret }),
    keepRet: assign({
      ret: ({ event }) => {
        assertEvent(event, ['USER', 'DELETED'])
        return event.ret
      },
    }),
    addUser: emit(steps.addUser),
    lockGroups: emit(steps.lockGroups),
    readContainer: emit(steps.readContainer),
    lockChain: emit(steps.lockChain),
    delete: emit(steps.deleteBlock),
    unlockChain: emit(steps.unlockChain),
    unlockGroups: emit(steps.unlockGroups),
    dropUser: emit(steps.dropUser),
    dissolve: emit(steps.dissolve),
    reply: emit(steps.reply),
    reset: assign(({ context }) => steps.start(context)),
  },
}).createMachine({
  id: 'unregisterNotifier',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'nullArgument', actions: { type: 'fail', params: { ret: '-EINVAL' } } },
          { guard: 'noGroup', actions: { type: 'fail', params: { ret: '-ENODEV' } } },
          { target: 'becoming user', actions: 'begin' },
        ],
      },
    },
    'becoming user': {
      entry: 'addUser',
      on: {
        USER: [
          { guard: 'refused', target: 'idle', actions: ['keepRet', 'reply', 'reset'] },
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
          { target: 'locking chain' },
        ],
      },
    },
    'locking chain': { entry: 'lockChain', on: { LOCKED: 'deleting' } },
    deleting: { entry: 'delete', on: { DELETED: { target: 'unlocking chain', actions: 'keepRet' } } },
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
