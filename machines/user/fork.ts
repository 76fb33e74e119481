/**
 * fork: the child gets the limits and rights of whoever forked, a copy of the descriptor table, and a copy of the address space, made with
 * mmap_lock held for write. Device files that are mapped get one more reference.
 *
 * Source: kernel/fork.c, copy_process. Left out: the parent's other threads (a child has one), vfork, failures.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { AddressSpace } from '../mm/address-space.ts'
import type { Copy } from '../mm/fork.ts'
import { send, type Heard, type Said } from '../say.ts'
import type { Rights } from './process.ts'

interface ForkInput {
  readonly task: string
  /** Of the parent: its process, table and address space go by that. */
  readonly process: string
}

interface ForkContext extends ForkInput {
  readonly caller: string | null
  readonly child: string
  readonly space: AddressSpace | null
  readonly copies: readonly Copy[]
  readonly got: readonly string[]
}

type ForkEvent =
  | (Heard & { readonly type: 'CALL'; readonly as: string })
  | (Heard & {
      readonly type: 'FORKED'
      readonly rights: Rights
      readonly space: AddressSpace
      readonly copies: readonly Copy[]
      readonly got: readonly string[]
    })
  | (Heard & { readonly type: 'ANSWER' | 'LOCKED' | 'UNLOCKED' | 'COPIED' | 'ADOPTED' | 'GOT' })

const start = ({ task, process }: ForkInput): ForkContext => ({
  task,
  process,
  caller: null,
  child: '',
  space: null,
  copies: [],
  got: [],
})

export const fork = setup({
  types: {
    context: {} as ForkContext,
    events: {} as ForkEvent,
    emitted: {} as Said,
    input: {} as ForkInput,
  },
  guards: {
    copies: ({ context }) => context.copies.length > 0,
    gets: ({ context }) => context.got.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, child: event.as }
    }),
    copyRights: emit(({ context: { process, task, child } }) =>
      send(`${process}.process`, 'FORK', { task, as: child }),
    ),
    bear: emit(({ context: { task, child }, event }) => {
      assertEvent(event, 'FORKED')
      return send(`${child}.process`, 'BORN', { task, rights: event.rights })
    }),
    copyTable: emit(({ context: { process, task, child } }) =>
      send('files', 'FORK', { task, table: process, to: child }),
    ),
    lock: emit(({ context: { process, task } }) => send(`${process}.mm.mmap_lock`, 'DOWN_WRITE', { task })),
    copySpace: emit(({ context: { process, task, child } }) =>
      send(`${process}.mm`, 'FORK', { task, to: `${child}.mm` }),
    ),
    keep: assign(({ event }) => {
      assertEvent(event, 'FORKED')
      const { space, copies, got } = event
      return { space, copies, got }
    }),
    copyPages: emit(({ context: { task, copies } }) => send('ram', 'COPY', { task, copies })),
    adopt: emit(({ context: { task, child, space } }) => send(`${child}.mm`, 'ADOPT', { task, space })),
    get: emit(({ context: { got, task } }) => send('files', 'GET', { task, file: got[0] })),
    gotOne: assign({ got: ({ context }) => context.got.slice(1) }),
    unlock: emit(({ context: { process, task } }) => send(`${process}.mm.mmap_lock`, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'fork',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'copying rights', actions: 'begin' } } },
    'copying rights': { entry: 'copyRights', on: { FORKED: { target: 'bearing', actions: 'bear' } } },
    bearing: { on: { ANSWER: 'copying table' } },
    'copying table': { entry: 'copyTable', on: { FORKED: 'locking' } },
    locking: { entry: 'lock', on: { LOCKED: 'copying space' } },
    'copying space': { entry: 'copySpace', on: { FORKED: { target: 'copied', actions: 'keep' } } },
    copied: { always: [{ guard: 'copies', target: 'copying pages' }, { target: 'adopting' }] },
    'copying pages': { entry: 'copyPages', on: { COPIED: 'adopting' } },
    adopting: { entry: 'adopt', on: { ADOPTED: 'referring' } },
    referring: { always: [{ guard: 'gets', target: 'getting' }, { target: 'unlocking' }] },
    getting: { entry: 'get', on: { GOT: { target: 'referring', actions: 'gotOne' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
