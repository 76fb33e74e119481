/** What can be wrong with a description: names that are nobody's, values that do not exist, calls of another protocol. */
import { ModelError } from '../../explore/errors.ts'
import { forms } from '../../machines/iommu/device-memory/forms.ts'
import { mustBe } from '../vfio/check.ts'
import type { Call } from './describe.ts'
import type { Plan, Task } from './plan.ts'

const oneOf = {
  as: ['posted', 'repaired'],
  memory: ['keep', 'unmap', 'revoke'],
  platform: ['logged', 'fatal'],
} as const

/** Throws a ModelError that says what does not fit, where, and what would. */
export function checkPlan(plan: Plan): void {
  const { description, devices } = plan
  mustBe('protocol', description.protocol, Object.keys(forms))
  for (const [name, known] of Object.entries(oneOf)) {
    const given = description[name as keyof typeof oneOf]
    if (given !== undefined) mustBe(name, given, known)
  }
  if (devices.length === 0)
    throw new ModelError('bad-description', 'There is no device.', [], 'Describe at least one, with its container.')
  for (const { id, bars } of devices)
    for (const { bar, pages } of bars)
      if (!(bar >= 0 && bar <= 5 && pages > 0 && pages <= 0x100))
        throw new ModelError(
          'bad-description',
          `${id} cannot have a BAR ${bar} of ${pages} pages.`,
          [],
          'BARs are 0 to 5, of 1 to 256 pages.',
        )
  const taken = [...devices.map(({ id }) => id), ...plan.containers, ...plan.processes]
  for (const { id } of plan.tasks)
    if (taken.includes(id))
      throw new ModelError(
        'bad-description',
        `A task cannot be called ${id}: something else is.`,
        [],
        'A device’s own DMA is best called after it: `dev1.engine`.',
      )
  for (const task of [plan.before, ...plan.tasks]) for (const call of task.script) checkCall(plan, task, call)
}

function checkCall(plan: Plan, { id, process }: Task, call: Call): void {
  const where = `in a call \`${call.do}\` of task ${id}`
  if (call.container !== undefined) mustBe('container', call.container, plan.containers, where)
  const devices = [call.device ?? [], (call.args['devices'] as readonly string[] | undefined) ?? []].flat()
  for (const device of devices)
    mustBe(
      'device',
      device,
      plan.devices.map((each) => each.id),
      where,
    )
  const { bar } = call.args as { bar?: number }
  if (bar !== undefined && call.device)
    mustBe(
      'BAR',
      `${bar}`,
      plan.devices.find((each) => each.id === call.device)!.bars.map((each) => `${each.bar}`),
      where,
    )
  if (call.args['child'] === process)
    throw new ModelError('bad-description', `${process} cannot be its own child (${where}).`)
}
