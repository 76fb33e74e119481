/** Threads that nobody starts: those that do what others have put off, one for each piece of work, timer and callback. */
import { ModelError } from '../explore/errors.ts'
import type { BoundRun, Run } from './guards.ts'
import type { KernelObject } from './object.ts'
import { Objects } from './objects.ts'
import type { Procedure } from './procedure.ts'
import { reached } from './reached.ts'

/** What each piece may be told to do, wherever in these procedures, and in those which it is told to do. */
function deferredIn(procedures: readonly Procedure[], objects: readonly KernelObject[]) {
  const does = new Map<KernelObject, Set<Procedure>>()
  const open = [...procedures]
  const put = (object: KernelObject, procedure: Procedure): void => {
    const known = does.get(object) ?? new Set()
    does.set(object, known)
    if (known.has(procedure)) return
    known.add(procedure)
    open.push(procedure)
  }
  const declared = (all: readonly KernelObject[]): void => {
    for (const object of all) for (const each of object.deferring?.does ?? []) put(object, each)
  }
  declared(objects)
  for (const { uses, calls, defers = [] } of open) {
    declared(uses)
    for (const { object, procedure } of defers) put(object, procedure)
    open.push(...calls)
  }
  return does
}

/** Their runs, and the objects of the world that they and `runs` make. */
export function served(
  runs: readonly Run[],
  objects: readonly KernelObject[],
): { readonly servers: readonly BoundRun[]; readonly things: Objects } {
  const does = deferredIn(
    runs.flatMap(({ procedures }) => procedures),
    objects,
  )
  const runOf = (thread: string, all: ReadonlySet<Procedure>): Run => {
    const run = [...all]
    return { thread, run, procedures: reached(run), inAnyOrder: true }
  }
  // Which objects there are depends on what these threads allocate, and which of these threads there are on the objects.
  const first = new Objects([...runs, ...[...does.values()].map((all) => runOf('', all))], objects)
  const idle = first.all.find((each) => each.deferring !== undefined && !does.has(each))
  if (idle !== undefined) throw hasNothingToDo(idle)
  const servers = [...does].flatMap(([object, all]) =>
    first.idsOf(object).map((id, nth) => ({
      ...runOf(`${object.deferring!.worker}/${id}`, all),
      ...(nth > 0 && { isAnother: true as const }),
      ...(object.deferring!.on !== undefined && { on: object.deferring!.on }),
    })),
  )
  return { servers, things: new Objects([...runs, ...servers], objects) }
}

const hasNothingToDo = ({ kind, name }: KernelObject): ModelError => {
  const word = kind === 'timer_list' ? 'timer_setup' : kind === 'delayed_work' ? 'INIT_DELAYED_WORK' : 'INIT_WORK'
  return new ModelError(
    'bad-description',
    `The ${kind} ${name} has nothing to do.`,
    [],
    `Say what when it is made, ${kind}('${name}', procedure), or in a step: ${word}(${name}, procedure).`,
  )
}
