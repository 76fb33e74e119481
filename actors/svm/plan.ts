/** A description made complete: defaults filled in, names checked. */
import { svmForms, type SvmForm } from '../../machines/iommu/svm/forms.ts'
import { defaultProcess, scriptedTasks, type Scripted } from '../tasks.ts'
import { checkPlan, numberOf } from './check.ts'
import type { SharedMemoryDescription, StopAnswer, SvmCall } from './describe.ts'

export interface Device {
  readonly id: string
  readonly group: string
  readonly attached: boolean
  readonly openBy: readonly string[]
}

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
  const { before = [], pasids = 2, queue = 4, device = 'flushed', failures = 0, supported = true } = description
  const tasks = scriptedTasks(description.tasks)
  const processes = [
    ...new Set([...before.map(({ process = defaultProcess }) => process), ...tasks.map(({ process }) => process)]),
  ]
  const devices = devicesOf(description, processes)
  const groups = [...new Set(devices.map(({ group }) => group))]
  const plan: Plan = {
    name: description.name ?? 'shared-virtual-memory',
    description,
    form: formFor(description),
    devices,
    groups: Object.fromEntries(
      groups.map((group) => [group, devices.filter((each) => each.group === group).map(({ id }) => id)]),
    ),
    processes,
    pasids: Array.from({ length: numberOf('pasids', pasids, 8) }, (_, index) => index + 1),
    queue: numberOf('queue', queue, 16),
    failures: numberOf('failures', failures, 8, 0),
    ...{ answers: device, supported },
    before: { id: earlier, process: defaultProcess, script: before },
    tasks,
  }
  checkPlan(plan)
  return plan
}

function devicesOf(
  { devices = { dev0: {} } }: SharedMemoryDescription,
  processes: readonly string[],
): readonly Device[] {
  return Object.entries(devices).map(([id, { group, attached = true, openBy = processes }], index) => ({
    id,
    group: group ?? `group${index}`,
    attached,
    openBy,
  }))
}

const formFor = ({ protocol, as = 'posted', but = {} }: SharedMemoryDescription): SvmForm => ({
  // A name that is none is told of when all is checked.
  ...(svmForms[protocol] ?? svmForms['rfc29-fixed'])[as === 'repaired' ? 'repaired' : 'posted'],
  ...but,
})
