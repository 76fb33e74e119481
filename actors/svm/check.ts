/** What can be wrong with a description: names that are nobody's, values that do not exist, calls of another protocol. */
import { ModelError } from '../../explore/errors.ts'
import { svmForms } from '../../machines/iommu/svm/forms.ts'
import { unknown } from '../vfio/check.ts'
import type { SvmCall } from './describe.ts'
import type { Plan, Task } from './plan.ts'

const most = { pasids: 8, queue: 16 } as const

/** Throws a ModelError that says what does not fit, where, and what would. */
export function checkPlan(plan: Plan): void {
  const { description, devices, pasids, queue, answers } = plan
  mustBe('protocol', description.protocol, Object.keys(svmForms))
  mustBe('as', description.as ?? 'posted', ['posted', 'repaired'])
  mustBe('device', answers, ['flushed', 'clean', 'silent'])
  mustBeWithin('pasids', pasids.length, most.pasids)
  mustBeWithin('queue', queue, most.queue)
  if (devices.length === 0) throw wrong('There is no device.', 'Describe at least one, or none: then there is `dev0`.')
  for (const { id, openBy } of devices)
    for (const process of openBy) mustBe('process', process, plan.processes, `in openBy of ${id}`)
  const taken = [...devices.map(({ id }) => id), ...Object.keys(plan.groups), ...plan.processes]
  for (const { id } of plan.tasks)
    if (taken.includes(id))
      throw wrong(`A task cannot be called ${id}: something else is.`, 'Call it after its process: `vmm0`.')
  for (const task of [plan.before, ...plan.tasks]) for (const call of task.script) checkCall(plan, task, call)
  for (const task of plan.tasks) checkEnd(plan, task)
}

function checkCall(plan: Plan, { id }: Task, call: SvmCall): void {
  const where = `in a call \`${call.do}\` of task ${id}`
  if (call.device !== undefined)
    mustBe(
      'device',
      call.device,
      plan.devices.map((each) => each.id),
      where,
    )
  if (call.group === undefined) return
  mustBe('group', call.group, Object.keys(plan.groups), where)
  if (plan.description.protocol !== 'container')
    throw wrong(
      `Only the protocol \`container\` knows of groups (${where}).`,
      'Leave attach and detach out, or tell the story with `container`.',
    )
}

/** exit and exec are of a whole process: there is nobody here to kill its other threads. */
function checkEnd({ tasks }: Plan, { id, process, script }: Task): void {
  const call = script.find((each) => each.do === 'exit' || each.do === 'exec')
  const others = tasks.filter((each) => each.process === process && each.id !== id)
  if (call && others.length > 0)
    throw wrong(
      `Task ${id} cannot \`${call.do}\`: process ${process} has other threads (${others.map((each) => each.id).join(', ')}).`,
      'Give it a process of its own.',
    )
}

function mustBeWithin(what: string, given: number, highest: number): void {
  if (!(given >= 1 && given <= highest)) throw wrong(`${what} cannot be ${given}.`, `Choose 1 to ${highest}.`)
}

function mustBe(what: string, given: string, known: readonly string[], where?: string): void {
  if (!known.includes(given)) throw unknown(what, given, known, where)
}

const wrong = (what: string, hint: string): ModelError => new ModelError('bad-description', what, [], hint)
