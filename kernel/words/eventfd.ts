/**
 * eventfd: a context with references, a count, and a wait queue on which somebody else's function may stand (as KVM's irqfd does). That function
 * runs under the lock of the wait queue, with interrupts off, whenever the eventfd is signalled, and once more (EPOLLHUP) when the last reference
 * to its file is let go of. Leads to: sleeping function called from invalid context, lock order and deadlock with what it takes;
 * use-after-free of the context.
 */
import { used } from '../../machines/say.ts'
import { irqsRestored, irqsSaved } from '../irqs.ts'
import { leaves, takes } from '../lock.ts'
import type { Cell } from '../object.ts'
import type { Into } from '../place.ts'
import { procedure, type Procedure } from '../procedure.ts'
import { lettingGo, spinningFor } from '../spinning.ts'
import { access, inOrder, saying, type Step } from '../step.ts'
import { countCalled, variable } from '../variable.ts'
import { call, when } from './control.ts'
import { spinlock, type Spinlock } from './spinlock.ts'

export const [EPOLLIN, EPOLLHUP] = [1, 16]

interface Context {
  readonly name: string
  readonly refs: Cell<number, 'kref'>
  readonly count: Cell<number, 'plain'>
  /** Somebody's function stands on the wait queue. */
  readonly hooked: Cell<boolean, 'plain'>
  readonly lock: Spinlock
  readonly wakeup: Procedure<{ readonly key: number }> | undefined
}

export interface Eventfd extends Context {
  /** What is run when its file is let go of: `file(name, { release: efd.release })`. */
  readonly release: Procedure
}

/**
 * An eventfd whose file has the one reference to its context. `wakeup`: the function on its wait queue, whose local `key` becomes EPOLLIN or
 * EPOLLHUP. Properties read `<name>.count`, `<name>.kref` and `<name>.hooked`.
 */
export function eventfd(
  name: string,
  { wakeup }: { readonly wakeup?: Procedure<{ readonly key: number }> } = {},
): Eventfd {
  const context: Context = {
    name,
    refs: countCalled('kref', `${name}.kref`, 1),
    count: variable(`${name}.count`, 0),
    hooked: variable(`${name}.hooked`, wakeup !== undefined),
    lock: spinlock(`${name}.wqh`),
    wakeup,
  }
  return {
    ...context,
    release: procedure(`eventfd_release_${name}`, [
      underLock(context, 'eventfd_release', [wakes(context, EPOLLHUP)]),
      puts(context, 'eventfd_release'),
    ]),
  }
}

/** A local that no procedure has declared: what a word keeps for itself. */
const hidden = (name: string): string => ` ${name}`

const underLock = ({ lock }: Context, word: string, inside: readonly Step<any>[]): Step<any> => {
  const flags = hidden('flags')
  const says = (what: string) => `${word}: ${what}(${lock.name})`
  return inOrder([
    takes({
      says: says('spin_lock_irqsave'),
      of: lock,
      type: 'LOCK',
      effects: spinningFor('spinlock_t', irqsSaved(flags)),
    }),
    ...inside,
    leaves({
      says: says('spin_unlock_irqrestore'),
      of: lock,
      type: 'UNLOCK',
      left: lettingGo(irqsRestored(flags)),
    }),
  ])
}

const wakes = ({ hooked, wakeup }: Context, key: number): Step<any> => {
  if (wakeup === undefined) return inOrder([])
  const is = hidden('hooked')
  return inOrder([
    access(hooked, { says: `wake_up_poll: is anybody there?`, op: 'read', marked: true, keeps: { into: is } }),
    when<any>(is, [call(wakeup, { with: () => ({ key }) })]),
  ])
}

/** Its memory is gone with the last reference. */
const uses = ({ name, refs }: Context, word: string): Step<any> =>
  access(refs, {
    says: `${word}(${name})`,
    op: 'read',
    marked: true,
    keeps: [
      {
        if: ({ value }) => value === 0,
        says: 'gone',
        does: saying(`${word}: gone`, () =>
          used(`${name}#1`, 'eventfd_ctx', { live: false, access: 'write', site: word }),
        ),
      },
      {},
    ],
  })

const puts = ({ name, refs }: Context, word: string): Step<any> =>
  access(refs, { says: `${word}(${name})`, op: 'refcount_add', operand: () => -1, marked: true })

/** One reference more to its context; who calls has the file. Leads to: refcount_t: addition on 0. */
export const eventfd_ctx_fdget = ({ name, refs }: Eventfd): Step =>
  access(refs, { says: `eventfd_ctx_fdget(${name})`, op: 'refcount_add', operand: () => 1, marked: true })
/** One less. Leads to: refcount_t: underflow. */
export const eventfd_ctx_put = (efd: Eventfd): Step => puts(efd, 'eventfd_ctx_put')

/** Counts, and wakes whoever waits there, with its lock held. Leads to: use-after-free, when the context is gone. */
export const eventfd_signal = (efd: Eventfd): Step =>
  inOrder([
    uses(efd, 'eventfd_signal'),
    underLock(efd, 'eventfd_signal', [
      access(efd.count, { says: `${efd.name}.count++`, op: 'add', operand: () => 1, marked: true }),
      wakes(efd, EPOLLIN),
    ]),
  ])

/** The function is on the wait queue no more, and does not run. `into`: how often it was signalled; that is forgotten. */
export const eventfd_ctx_remove_wait_queue = <L>(efd: Eventfd, into: Into<L, number>): Step<L> =>
  inOrder([
    uses(efd, 'eventfd_ctx_remove_wait_queue'),
    underLock(efd, 'eventfd_ctx_remove_wait_queue', [
      access(efd.hooked, { says: `${efd.name}.hooked = false`, op: 'write', operand: () => false, marked: true }),
      access(efd.count, {
        says: `${into} = ${efd.name}.count`,
        op: 'xchg',
        operand: () => 0,
        marked: true,
        keeps: { into },
      }),
    ]),
  ])
