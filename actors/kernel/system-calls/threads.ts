/**
 * Threads of processes, and the story that they are in: what was done before is done by them when the world is built, and they go on from there. What
 * each does is what its script says; what comes afterwards waits until the others have come that far. Tasks that make other calls stand beside them.
 */
import { completion, completionFacts } from '../../../machines/kernel/waiting/completion.ts'
import { ModelError } from '../../../explore/errors.ts'
import type { FreeStep } from '../../../machines/kernel/tasks/free-task.ts'
import type { Step } from '../../../machines/kernel/tasks/task.ts'
import type { Returned } from '../../../machines/user/thread.ts'
import { nearest } from '../../../shapes/nearest.ts'
import { mapCalls, placed, stepsOf } from '../../scripts/script.ts'
import { choicesOf, defaultProcess, scriptedTasks, startOf, taskCalled } from '../../scripts/tasks.ts'
import type { Acting } from '../../stage/stage.ts'
import type { ActorSpec, Joining, Operation, Operations } from '../../world/world.ts'
import type { Call, LinuxDescription } from '../describe.ts'
import type { Seen } from '../subject.ts'
import { kernelOf } from './describe.ts'
import { isOp, nameIn, type Op } from './op.ts'
import { namesAreMade, threadsIn, toldBy } from './op-names.ts'
import { CaseRun, type Made } from './replay.ts'
import { viewOf, type SystemView, type ToldThread } from './view.ts'

/** What a thread does, and how what an operation of it came back with is told. */
interface Role {
  readonly id: string
  /** Of those who make other calls: for whom. */
  readonly process?: string
  readonly steps: FreeStep[]
  /** Its calls, where they are system calls. */
  readonly made: (Made | undefined)[]
  /** Whether it is known beforehand which operation is its nth. */
  readonly straight: boolean
}

/** What a call that is no system call is, as a step of a script. */
type StepFor = (task: string, process: string, call: Call) => Step | undefined

export class Threads {
  readonly seen: Seen<SystemView>
  readonly #run: CaseRun
  readonly #roles = new Map<string, Role>()
  readonly #turns: ActorSpec[] = []
  readonly #remember: boolean | undefined
  readonly #isAlone: boolean
  /** Operations that procedures make, in their order, and what is asked by them. */
  readonly #called: readonly { readonly thread: string; readonly op: Operation; readonly made: Made }[]

  /** `stepFor`: undefined where nothing else is described. `beside`: operations that procedures make. Throws a ModelError when a thread that takes part does not exist by then. */
  constructor(description: LinuxDescription, stepFor: StepFor | undefined, beside: Operations = {}) {
    const { name = 'linux', after = [], remember } = description
    const before = (description.before ?? []).filter(isOp)
    const { profile, but = {}, iommu } = kernelOf(description.systemCalls!)
    this.#remember = remember
    this.#isAlone = stepFor === undefined
    // From here on each call is an object of its own, wherever it stands.
    const tasks = scriptedTasks<Call>(description.tasks).map(({ script, ...task }) => ({
      ...task,
      script: mapCalls(script, (call) => ({ ...call })),
    }))
    const there = threadsIn(description)
    const meanwhile = tasks.flatMap(({ id, script }) =>
      placed(script).flatMap(({ call }) => (isOp(call) ? [[id, call] as const] : [])),
    )
    const besides = Object.entries(beside).flatMap(([thread, all]) => all.map((op) => [thread, op] as const))
    const behind = after.filter((op) => !isAwait(op))
    const ops = [...before, ...meanwhile.map(([, op]) => op), ...besides.map(([, op]) => op), ...behind]
    const run = new CaseRun({ name, ops, ...(iommu && { iommu }) }, profile, {
      but,
      // Others have one of that name.
      ...(stepFor && { worker: 'system.kworker' }),
    })
    this.#run = run
    const results = before.map((_, index) => run.next(index))
    mustBeThere(Object.keys(beside), this.names)
    mustBeMade({ before: [...before, ...meanwhile.map(([, op]) => op)], after }, beside)

    let index = before.length
    /** Tells several operations at once. */
    const tell = (told: readonly (readonly [thread: string, op: Op])[]): readonly Made[] =>
      run.tell(told.map(([thread, op]) => ({ thread: run.threadCalled(thread), op, index: index++ })))
    const first = tell(meanwhile)
    const madeOf = new Map(meanwhile.map(([, op], nth) => [op as object, first[nth]!]))
    for (const { id: task, process: own, script } of tasks) {
      const id = there.has(task) ? run.threadCalled(task) : task
      const process = there.get(task) ?? own
      const steps = stepsOf(task, script, (call) =>
        isOp(call) ? stepOf(id, madeOf.get(call)!) : stepFor!(id, process, call),
      )
      const made = placed(script).map(({ call }) => madeOf.get(call))
      const straight = steps.every((step) => 'call' in step)
      this.#roles.set(task, { id, ...(made.includes(undefined) && { process }), steps: [...steps], made, straight })
    }
    const called = tell(besides)
    this.#called = besides.map(([thread, op], nth) => ({ thread, op, made: called[nth]! }))
    this.#goOn(after, tasks.find(({ id }) => there.has(id))?.id ?? Object.keys(beside)[0] ?? 'p0', tell)

    const threads = new Map<string, ToldThread>(
      [...this.#roles].flatMap(([thread, { id, made, straight }]) =>
        run.has(id) ? [[thread, { id, reports: straight ? made.map(reportOf) : undefined }] as const] : [],
      ),
    )
    this.seen = {
      view: () => viewOf(results, threads),
      // Where locked pages are counted later.
      isQuiet: (_, read) => !run.has('workqueue') || read('workqueue').state === 'empty',
    }
  }

  /** Everybody who could join: threads that there are by the time the story begins, and those that it makes. */
  get names(): readonly string[] {
    return this.#run.actors.flatMap(({ id, thread }) => (id === thread ? [id] : []))
  }

  /** Those who take part, by the names that they were given, and what their actors are called. */
  acting(joining: Joining): ReadonlyMap<string, string> {
    const known = new Map([...this.#roles].map(([thread, { id }]) => [thread, id]))
    return new Map([
      ...known,
      ...Object.keys(joining).flatMap((id) => ([...known.values()].includes(id) ? [] : [[id, id] as const])),
    ])
  }

  /** What comes when all are through, or, where there is an `await` among it, when those are through that were awaited before it. */
  #goOn(after: readonly Op[], lead: string, tell: (told: readonly (readonly [string, Op])[]) => readonly Made[]): void {
    const due = new Set<string>(after.some(isAwait) ? [] : this.#roles.keys())
    for (const op of after) {
      const thread = nameIn(op, 'proc') ?? lead
      if (isAwait(op)) {
        due.add(thread)
        continue
      }
      for (const other of due) if (other !== thread) this.#handOver(other, thread)
      const [made] = tell([[thread, op]]) as [Made]
      const { id, steps, made: all } = this.#roleOf(thread)
      steps.push({ ...stepOf(id, made), as: op.op })
      all.push(made)
      due.clear()
      due.add(thread)
    }
  }

  /** From here on `to` waits until `from` has come this far. */
  #handOver(from: string, to: string): void {
    const by = this.#roleOf(from)
    const nth = this.#turns.filter(({ id }) => id.startsWith(`${by.id}.done`)).length
    const turn = `${by.id}.done${nth === 0 ? '' : nth + 1}`
    this.#turns.push({ id: turn, machine: completion, input: { by: [by.id] }, lock: completionFacts })
    by.steps.push({ turn: 'COMPLETE', of: turn })
    this.#roleOf(to).steps.push({ turn: 'WAIT', of: turn })
  }

  #roleOf(thread: string): Role {
    const role = this.#roles.get(thread) ?? { id: this.#run.threadCalled(thread), steps: [], made: [], straight: true }
    this.#roles.set(thread, role)
    return role
  }

  /**
   * Everybody, with those who join: threads that are there, who go on with something of their own, and others where something else is described
   * as well.
   */
  joined(joining: Joining): Acting {
    if (this.#isAlone) mustBeThere(Object.keys(joining), this.names)
    const run = this.#run
    const roles = new Map([...this.#roles.values()].map((role) => [role.id, role]))
    const tasks = new Map(
      [...this.acting(joining).values()].map((id) => {
        const { steps = [], process = run.has(id) ? undefined : defaultProcess } = roles.get(id) ?? {}
        return [id, taskCalled(id, process, [...steps, ...(joining[id] ?? [])], this.#remember)]
      }),
    )
    for (const id of tasks.keys()) if (run.isCalling(id)) throw stillCalling(id)
    const choices = choicesOf([...tasks.values()])
    return {
      threads: [...tasks.keys()],
      // Who of these is met is often known only on the way.
      actors: [
        ...run.actors.map((spec) => tasks.get(spec.id) ?? { ...spec, resumed: run.snapshot(spec.id) }),
        ...[...tasks.values()].filter(({ id }) => !run.has(id)),
        ...this.#turns,
      ],
      choices: choices.actors,
      start: [...run.inFlight(), ...[...tasks.keys()].map(startOf), ...choices.start],
      made: (thread, operation) => {
        const one = this.#called.find(({ thread: by, op }) => by === thread && op === operation)
        if (one === undefined) return undefined
        const { call: to, args } = stepOf(thread, one.made)
        return { to, args }
      },
    }
  }
}

/** A system call as a step of a script. */
const stepOf = (thread: string, { op, args }: Made): Step => ({
  call: `${thread}.syscall`,
  args: { ...args, op },
})

const reportOf = (made: Made | undefined) => made && ((returned: Returned) => made.report(returned))

/** What procedures call names what somebody makes. */
function mustBeMade(
  { before, after }: { readonly before: readonly Op[]; readonly after: readonly Op[] },
  beside: Operations,
): void {
  const broken = namesAreMade({
    before: toldBy('p0', before, ['before']),
    tasks: Object.entries(beside).flatMap(([thread, ops]) => toldBy(thread, ops, [thread])),
    after: toldBy('p0', after, ['after']),
  })
  if (broken === undefined) return
  const [thread, nth, field] = broken.at as readonly [string, number, string]
  const operation = beside[thread]![nth]!
  const [name, known] = [String(operation[field]), broken.known ?? []]
  const guess = nearest(name, known)
  throw new ModelError(
    'bad-description',
    `The system call ${operation.op} of ${thread}: nobody makes "${name}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['names', known.join(', ')]],
    'What it names is made before the others begin, by what they call, or by a procedure.',
  )
}

function mustBeThere(names: readonly string[], threads: readonly string[]): void {
  const stranger = names.find((each) => !threads.includes(each))
  if (stranger === undefined) return
  throw new ModelError(
    'bad-description',
    `No thread is called "${stranger}".`,
    [['threads', threads.join(', ')]],
    `Make it before the others begin: before: [{ op: 'thread', as: '${stranger}' }].`,
  )
}

const stillCalling = (thread: string): ModelError =>
  new ModelError(
    'bad-description',
    `${thread} has not come back from what it called before the story begins.`,
    [],
    'Have another thread make that call, or let it be part of the story.',
  )

const isAwait = ({ op }: Op): boolean => op === 'await'
