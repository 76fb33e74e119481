/** A description made complete: defaults filled in, names checked. */
import { svmForms, type SvmForm } from '../../../machines/sva/bond/forms.ts'
import { defaultProcess, scriptedTasks, type Scripted } from '../../scripts/tasks.ts'
import { insist } from '../../../shapes/insist.ts'
import { sharedMemoryShape } from './shape.ts'
import type { SharedMemoryDescription, StopAnswer, SvmCall } from './describe.ts'
import { devicesOf, processesOf, type Device } from './devices.ts'

export type Task = Scripted<SvmCall>

export interface Plan {
  readonly name: string
  readonly description: SharedMemoryDescription
  readonly form: SvmForm
  readonly devices: readonly Device[]
  /** Of each, which devices. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly processes: readonly string[]
  /** Numbered from 1 on. */
  readonly pasids: readonly number[]
  readonly queue: number
  readonly answers: StopAnswer
  readonly failures: number
  readonly supported: boolean
  /** What happens before the story begins; each call says whose it is. */
  readonly before: Task
  readonly tasks: readonly Task[]
}

/** Who does what is done before the story begins. */
const earlier = 'earlier'

export function planFor(description: SharedMemoryDescription): Plan {
  insist(sharedMemoryShape, description, 'sharedMemory()')
  const { before = [], pasids = 2, queue = 4, device = 'flushed', failures = 0, supported = true } = description
  const devices = devicesOf(description)
  const groups = [...new Set(devices.map(({ group }) => group))]
  return {
    name: description.name ?? 'shared-virtual-memory',
    description,
    form: formFor(description),
    devices,
    groups: Object.fromEntries(
      groups.map((group) => [group, devices.filter((each) => each.group === group).map(({ id }) => id)]),
    ),
    processes: processesOf(description),
    pasids: Array.from({ length: pasids }, (_, index) => index + 1),
    ...{ queue, failures, supported, answers: device },
    before: { id: earlier, process: defaultProcess, script: before },
    tasks: scriptedTasks(description.tasks),
  }
}

const formFor = ({ protocol, as = 'posted', but = {} }: SharedMemoryDescription): SvmForm => ({
  ...svmForms[protocol][as],
  ...but,
})
