/** Processes, memory and open files: the actors, and the calls that touch nothing else. */
import { eventfd } from '../../../machines/kernel/waiting/eventfd.ts'
import { files, type FilesInput } from '../../../machines/user/files.ts'
import { lockedCall } from '../../../machines/kernel/locks/locked-call.ts'
import { changeMappings, type ChangeMappingsInput } from '../../../machines/mm/change-mappings.ts'
import { mm } from '../../../machines/mm/mm.ts'
import { mapBuffer } from '../../../machines/mm/map-buffer.ts'
import { pageSize } from '../../../machines/mm/extent.ts'
import { memfd } from '../../../machines/mm/memfd.ts'
import { ram } from '../../../machines/mm/ram.ts'
import { userAccess, type UserAccessInput } from '../../../machines/mm/user-access.ts'
import { close } from '../../../machines/user/close.ts'
import { descriptorCall } from '../../../machines/user/descriptor-call.ts'
import { dropCap } from '../../../machines/user/drop-cap.ts'
import { exec } from '../../../machines/user/exec.ts'
import { exitThread } from '../../../machines/user/exit-thread.ts'
import { exit } from '../../../machines/user/exit.ts'
import { fork } from '../../../machines/user/fork.ts'
import { kill } from '../../../machines/user/kill.ts'
import { limitFiles } from '../../../machines/user/limit-files.ts'
import { nothing } from '../../../machines/user/nothing.ts'
import { process } from '../../../machines/user/process.ts'
import { putFiles } from '../../../machines/user/put-files.ts'
import { startThread } from '../../../machines/user/start-thread.ts'
import { rwsemCalled, triedRwsemCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { containersIn, processOf, type LinuxPlan } from './plan.ts'

/** `/dev/null`, which the first process has open as `devnull`; 1024 descriptors are what init may have. */
const filesInput = (table: string): FilesInput => ({
  table,
  limit: 1024,
  open: [{ fd: 'devnull', file: 'devnull', kind: 'null', of: 'devnull' }],
})

/** Mappings in a container keep whose memory it was. An iommufd's pages do, too, but that is left out. */
const keeps = (plan: LinuxPlan): { remembers?: true } =>
  plan.profile.owner === 'memory' && containersIn(plan).length > 0 ? { remembers: true } : {}

export const objects = (plan: LinuxPlan): ActorSpec[] => {
  const { processes, eventfds, memfds = [], profile } = plan
  return [
    { id: 'files', machine: files, input: filesInput(processes[0]!) },
    { id: 'ram', machine: ram, input: undefined },
    ...memfds.map((input): ActorSpec => ({ id: input.id, machine: memfd, input })),
    ...eventfds.map((id): ActorSpec => ({ id, machine: eventfd, input: undefined })),
    ...processes.flatMap((id): ActorSpec[] => [
      { id: `${id}.process`, machine: process, input: { thread: id } },
      { id: `${id}.mm`, machine: mm, input: { id: `${id}.mm`, readPinsCopy: profile.readPinsCopy, ...keeps(plan) } },
      // Only where somebody must not wait for it (type1.ts).
      (profile.accounting === 'deferred' ? triedRwsemCalled : rwsemCalled)(`${id}.mm.mmap_lock`, 'mmap_lock'),
    ]),
  ]
}

/** Calls that change mappings: what the address space is asked, and whether the limits of the process matter. */
const changes = {
  mmap: ['MMAP', 'write', true],
  mmap_device: ['MMAP_DEVICE', 'write', false],
  munmap: ['MUNMAP', 'write', false],
  mremap: ['MREMAP', 'write', true],
  mprotect: ['MPROTECT', 'write', false],
  madvise: ['MADVISE', 'write', false],
  mlock: ['MLOCK', 'write', true],
} as const satisfies Readonly<Record<string, readonly [ChangeMappingsInput['ask'], 'read' | 'write', boolean]>>

const accesses = {
  peek: 'peek',
  poke: 'poke',
  fill: 'fill',
  user_copy: 'copy',
} as const satisfies Readonly<Record<string, UserAccessInput['how']>>

/** What the process alone is asked. */
const rights = {
  rlimit_memlock: 'SET_MEMLOCK',
  drop_ipc_lock: 'DROP_IPC_LOCK',
  drop_all_caps: 'DROP_ALL',
  setuid: 'SETUID',
} as const

const heapsIn = ({ buffers = [] }: LinuxPlan) => buffers.filter(({ isHeap }) => isHeap)

export const calls = (plan: LinuxPlan, thread: string): ActorSpec[] => {
  const owner = processOf(plan, thread)
  const space = `${owner}.mm`
  const who = `${owner}.process`
  const call = (name: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
    id: `${thread}.${name}`,
    machine,
    input: { task: thread, ...input },
    thread,
  })
  return [
    ...Object.entries(changes).map(([name, [ask, how, isLimited]]) =>
      call(name, changeMappings, { mm: space, ask, how, process: isLimited ? who : null }),
    ),
    ...Object.entries(accesses).map(([name, how]) => call(name, userAccess, { mm: space, how })),
    ...Object.entries(rights).map(([name, ask]) => call(name, lockedCall, { to: who, ask })),
    call('drop_cap', dropCap, { process: who }),
    ...plan.eventfds.map((id) => call(`${id}.eventfd_read`, lockedCall, { to: id, ask: 'READ' })),
    ...(plan.memfds ?? []).map(({ id }) => call(`${id}.ftruncate`, lockedCall, { to: id, ask: 'TRUNCATE' })),
    ...heapsIn(plan).map(({ id }) => call(`${id}.mmap_fd`, mapBuffer, { len: 0n })),
    ...(plan.memfds ?? []).map(({ id, pages }) => call(`${id}.mmap_fd`, mapBuffer, { len: BigInt(pages) * pageSize })),
    ...['vmlck', 'sleep', 'nop'].map((name) => call(name, nothing, {})),
    call('rlimit_nofile', limitFiles, { process: who, table: owner }),
    call('put_files', putFiles, {}),
    call('close', close, { table: owner }),
    call('dup', descriptorCall, { table: owner, ask: 'DUP' }),
    call('eventfd', descriptorCall, { table: owner, ask: 'INSTALL' }),
    ...(plan.memfds ? [call('memfd', descriptorCall, { table: owner, ask: 'INSTALL', kind: 'memfd' })] : []),
    ...(heapsIn(plan).length > 0
      ? [call('heap_buf', descriptorCall, { table: owner, ask: 'INSTALL', kind: 'heap buffer' })]
      : []),
    call('fork', fork, { process: owner }),
    call('thread', startThread, { process: owner }),
    call('exec', exec, { process: owner }),
    call('exit', exit, { process: owner }),
    call('exit_thread', exitThread, { process: owner }),
    call('kill', kill, {}),
  ]
}
