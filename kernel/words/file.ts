/**
 * Open files of one process, whose threads share them. A file lives as long as something refers to it: its descriptor, and whoever has looked it
 * up. What is to be done when the last reference goes (`release`) is done later: by whoever closes the descriptor before he is back in user space,
 * otherwise by a worker (delayed_fput).
 */
import { files as machine, filesOrders } from '../../machines/user/files.ts'
import { named, type KernelObject } from '../object.ts'
import type { Into } from '../place.ts'
import type { Procedure } from '../procedure.ts'
import { ask, inOrder, type Step, type Then } from '../step.ts'
import { call } from './control.ts'
import { schedule_work, work_struct } from './work.ts'

export interface File extends KernelObject<'file'> {
  /** What is done when nobody refers to it any more. */
  readonly closed: Step
  readonly fput: Step
}

const table = 'fds'
/** As many as there may be: nobody looks at the limit here. */
const limit = 1024

/** A file that is open, or (`open: false`) will be when fd_install has been called. */
export function file(
  name: string,
  { release, open = true }: { readonly release?: Procedure; readonly open?: boolean } = {},
): File {
  const entry = { file: name, kind: 'null', of: name } as const
  const later = release && work_struct(`${name}.fput`, release)
  return named({
    kind: 'file',
    name,
    closed: release ? call(release) : inOrder([]),
    fput: later ? schedule_work(later) : inOrder([]),
    actors: (id) => [
      {
        id,
        machine,
        input: { table, limit, users: 2, open: open ? [{ ...entry, fd: name }] : [] },
        orders: filesOrders,
      },
    ],
  })
}

const lastly = (does: Step): Then => ({ if: ({ last }) => last === true, says: 'last', does })

/** Looks up a descriptor. `into`: is it open? Then one reference more. */
export const fget = <L>(of: File, into: Into<L, boolean>): Step<L> =>
  ask({
    says: `${into} = fget(${of.name})`,
    of,
    type: 'FDGET',
    waits: 'not',
    with: () => ({ table, fd: of.name }),
    answers: { FILE: { into, value: ({ ret }) => ret === 0 } },
  })

/** One reference less; after the last its release is done, by a worker. Leads to: use-after-free, when somebody else has put it for the last time. */
export const fput = (of: File): Step =>
  ask({
    says: `fput(${of.name})`,
    of,
    type: 'PUT',
    waits: 'not',
    with: () => ({ file: of.name }),
    answers: { PUT: [lastly(of.fput), {}] },
  })

/** From now on others can look it up. */
export const fd_install = (of: File): Step =>
  ask({
    says: `fd_install(${of.name})`,
    of,
    type: 'INSTALL',
    waits: 'not',
    with: () => ({ table, fd: of.name, file: of.name, kind: 'null', of: of.name }),
    answers: { INSTALLED: {} },
  })

/** Closes the descriptor, if it is open; if that was the last reference, its release is done before the thread is back in user space. */
export const close = (of: File): Step =>
  ask({
    says: `close(${of.name})`,
    of,
    type: 'CLOSE',
    waits: 'not',
    with: () => ({ table, fd: of.name }),
    answers: { CLOSED: [lastly(of.closed), {}] },
  })

/** A process exits: its descriptors are closed. What was looked up by others stays until they put it. */
export const exit_files = (...open: readonly File[]): Step => inOrder(open.map(close))
