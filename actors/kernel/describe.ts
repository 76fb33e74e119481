/**
 * How a person describes a Linux: what takes part in it and by which protocol, who there is, what was done before the story begins, and tasks as
 * scripts of calls. Nothing here needs knowledge of the machines.
 *
 *   linux({
 *     unmap: 'restart',
 *     containers: {
 *       container0: {
 *         mappings: [{ iova: 0x1000, size: 0x1000 }],
 *         groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [0x1000] } } } },
 *       },
 *     },
 *     tasks: { vmm0: [unmap(0x1000, 0x1000)], vmm1: [unmap(0x1000, 0x1000)], worker0: [pin('mdev0', 0x1000)] },
 *   })
 */
import { ModelError } from '../../explore/errors.ts'
import { shown } from '../../shapes/insist.ts'
import type { OfProcess } from '../scripts/described.ts'
import type { Part } from '../scripts/script.ts'
import type * as deviceMemory from './device-memory/describe.ts'
import type * as sva from './sva/describe.ts'
import type { SystemCalls } from './system-calls/describe.ts'
import type { Op } from './system-calls/op.ts'
import type * as unmap from './unmap/describe.ts'

export interface LinuxDescription {
  readonly name?: string
  /** Drivers that pin: how they are told of an unmap. */
  readonly unmap?: unmap.Unmap
  /** Memory of devices: how mappings of it are kept in step with the device. */
  readonly deviceMemory?: deviceMemory.DeviceMemory
  /** Shared virtual memory: how a device is bound to an address space. */
  readonly svm?: sva.Svm
  /** Processes: the kernel that answers their system calls. */
  readonly systemCalls?: SystemCalls
  /** Those with devices whose drivers pin (`unmap`). */
  readonly containers?: Readonly<Record<string, unmap.ContainerDescription>>
  /** A device that names its container has memory of its own (`deviceMemory`), one that names none has PASIDs (`svm`; default: one, `dev0`). */
  readonly devices?: Readonly<Record<string, deviceMemory.DeviceDescription | sva.SvmDevice>>
  /** Done one after the other before the story begins, by process `vmm` unless `by` says otherwise. */
  readonly before?: readonly Call[]
  /** Of system calls: the first process is `p0`, and further threads are those that `before` makes. */
  readonly tasks: Readonly<Record<string, TaskDescription | readonly Part<Call>[]>>
  /**
   * System calls that come afterwards, one after the other, by the first of the tasks unless `proc` says otherwise: when all are through, or, where
   * there is an `await` among it, when those are through that were awaited before it.
   */
  readonly after?: readonly Op[]
  /** Whether tasks remember what their calls returned (default true). Without, states that differ only in that are one. */
  readonly remember?: boolean
  /** Whether what is written to the kernel's log since the story began is part of a state, for properties to see (default false). */
  readonly log?: boolean
}

export interface TaskDescription {
  /** Tasks of one process share its memory; default `vmm`. */
  readonly process?: string
  readonly script: readonly Part<Call>[]
}

/** One call in a script; what is wrong with it is told when the world is built. */
export type Call = OwnCall | Op

type OwnCall = unmap.Call | deviceMemory.Call | sva.SvmCall

/** What calls are called, in results. */
export type CallName = OwnCall['do'] | (string & {})

/** These calls are another process's: for what is done before the story begins. Throws a ModelError where there is no process or no call. */
export const by = <C extends OfProcess>(process: string, ...calls: readonly C[]): readonly C[] =>
  // What is no call at all is told when the world is built, too.
  saidBy(process, calls).map((call) => ({ ...call, ['op' in Object(call) ? 'proc' : 'process']: process }))

const saidBy = <C>(process: unknown, calls: readonly C[]): readonly C[] => {
  const lack =
    typeof process !== 'string' || process === '' ? 'the name of a process' : calls.length === 0 ? 'a call' : ''
  if (lack === '') return calls
  throw new ModelError(
    'bad-description',
    `by() is given ${typeof process === 'string' && process !== '' ? `no call of ${process}` : `${shown(process)} as a process`}.`,
    [['expected', `${lack}: by('qemu1', unmap(0x1000, 0x1000))`]],
  )
}
