/** A description made complete: defaults filled in. */
import { svmForms, type SvmForm, type SvmProtocol } from '../../../machines/sva/bond/forms.ts'
import { formOf } from '../chosen.ts'
import { barDevices } from '../devices.ts'
import { common } from '../names.ts'
import type { Story } from '../subject.ts'
import type { StopAnswer, SvmCall } from './describe.ts'
import { devicesOf, processesOf, type Device } from './devices.ts'

export interface Plan {
  readonly protocol: SvmProtocol
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
  /** Where there is memory of devices: what unmaps areas of a process on behalf of a task, and what closes its devices. */
  readonly deviceMemory?: (task: string) => { readonly munmap: string; readonly closes: readonly string[] }
}

export function planFor(story: Story<SvmCall>): Plan {
  const {
    protocol,
    as = 'posted',
    but,
    pasids = 2,
    queue = 4,
    device = 'flushed',
    failures = 0,
    supported = true,
  } = formOf(story.description.svm!)
  const devices = devicesOf(story)
  const groups = [...new Set(devices.map(({ group }) => group))]
  const { deviceMemory } = story.description
  return {
    protocol,
    form: { ...svmForms[protocol][as], ...but },
    devices,
    groups: Object.fromEntries(
      groups.map((group) => [group, devices.filter((each) => each.group === group).map(({ id }) => id)]),
    ),
    processes: processesOf(story),
    pasids: Array.from({ length: pasids }, (_, index) => index + 1),
    ...{ queue, failures, supported, answers: device },
    ...(deviceMemory !== undefined && {
      deviceMemory(task: string) {
        const devices = Object.keys(barDevices(story.description))
        return { munmap: common.munmap(task), closes: devices.map((id) => common.close(task, id)) }
      },
    }),
  }
}
