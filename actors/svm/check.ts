/** What can be wrong with a description: names that are nobody's, values that do not exist, calls of another protocol. */
import { ModelError } from '../../explore/errors.ts'
import { sound, svmForms } from '../../machines/iommu/svm/forms.ts'
import { mustBe } from '../vfio/check.ts'
import type { SvmCall } from './describe.ts'
import type { Plan, Task } from './plan.ts'

/** Throws a ModelError that says what does not fit, where, and what would. */
export function checkPlan(plan: Plan): void {
  const { description, devices, answers } = plan
  mustBe('protocol', description.protocol, Object.keys(svmForms))
  mustBe('as', description.as ?? 'posted', ['posted', 'repaired'])
  mustBe('device', answers, ['flushed', 'clean', 'silent'])
  for (const trait of Object.keys(description.but ?? {})) mustBe('trait', trait, Object.keys(sound), 'in but')
  if (devices.length === 0) throw wrong('There is no device.', 'Describe at least one, or none: then there is `dev0`.')
  for (const { id, openBy } of devices)
    for (const process of openBy) mustBe('process', process, plan.processes, `in openBy of ${id}`)
  const taken = [...devices.map(({ id }) => id), ...Object.keys(plan.groups), ...plan.processes]
  for (const { id } of plan.tasks)
    if (taken.includes(id))
      throw wrong(`A task cannot be called ${id}: something else is.`, 'Call it after its process: `vmm0`.')
  for (const task of [plan.before, ...plan.tasks]) for (const call of task.script) checkCall(plan, task, call)
  for (const task of plan.tasks) checkEnd(plan, task)
  const freeing = [plan.before, ...plan.tasks].flatMap(({ script }) => script.filter((call) => call.do === 'vfree'))
  if (freeing.length > 1)
    throw wrong('There are several calls `vfree`.', 'The kernel has one page of page tables here: it goes once.')
}

const calls: Readonly<Record<SvmCall['do'], 'device' | 'group' | 'process'>> = {
  bind: 'device',
  unbind: 'device',
  submit: 'device',
  stop: 'device',
  closeDevice: 'device',
  info: 'device',
  exit: 'process',
  exec: 'process',
  attach: 'group',
  detach: 'group',
  vfree: 'process',
}

function checkCall(plan: Plan, { id, process }: Task, call: SvmCall): void {
  mustBe('call', call.do, Object.keys(calls), `of task ${id}`)
  const where = `in a call \`${call.do}\` of task ${id}`
  const about = calls[call.do]
  if (about === 'device')
    mustBe(
      'device',
      `${call.device}`,
      plan.devices.map((each) => each.id),
      where,
    )
  if (call.process !== undefined && call.process !== process && id !== plan.before.id)
    throw wrong(
      `A call of ${call.process} cannot be made by process ${process} (${where}).`,
      'Use `by` for what is done before the story begins; give each process a task of its own.',
    )
  const { pages } = call.args as { pages?: number }
  if (pages !== undefined) mustBe('pages', `${pages}`, ['1', '2'], where)
  if (about !== 'group') return
  mustBe('group', `${call.group}`, Object.keys(plan.groups), where)
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

/** A whole number within bounds. */
export function numberOf(what: string, given: number, most: number, least = 1): number {
  if (!(Number.isInteger(given) && given >= least && given <= most))
    throw wrong(`${what} cannot be ${given}.`, `Choose a whole number from ${least} to ${most}.`)
  return given
}

const wrong = (what: string, hint: string): ModelError => new ModelError('bad-description', what, [], hint)
