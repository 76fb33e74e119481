/** What a thread does: a list of steps in the kernel's words, which becomes a statechart; or a statechart of one's own. */
import type { AnyStateMachine } from 'xstate'
import type { Operation } from '../actors/world/world.ts'
import { ModelError } from '../explore/errors.ts'
import { insist } from '../shapes/insist.ts'
import { Chart } from './chart.ts'
import type { Flow } from './guards.ts'
import type { Deferred, KernelObject, ThreadObject, Used } from './object.ts'
import { stepsShape } from './shapes.ts'
import type { Locals, Step } from './step.ts'
import { pointedTo, startValue, structOf, type Struct } from './pointer.ts'

/** Something that can be called on behalf of a thread: it hears CALL, and says RETURN to whoever called. */
export interface Procedure<out Arguments = any> {
  readonly name: string
  readonly machine: AnyStateMachine
  /** What it stands for in a world that is joined (built-in.ts). */
  readonly builtIn?: string
  /** The system call that it is, in a world that has such (words/system-call.ts). */
  readonly operation?: Operation
  /** What the machine is given besides the name of its thread. */
  readonly input: Locals
  readonly uses: readonly KernelObject[]
  readonly calls: readonly Procedure[]
  /** Objects, or members of structs, that it uses in a manner which they have to be made for. */
  readonly manners?: readonly Used[]
  /** Threads whose signals it has to do with; an empty name is its own. */
  readonly signals?: readonly string[]
  /** Interrupts that it has to do with. */
  readonly interrupts?: readonly string[]
  readonly own?: readonly ThreadObject[]
  /** What it tells objects to have done later. */
  readonly defers?: readonly Deferred[]
  /** The locals that point to structs. */
  readonly pointers?: ReadonlyMap<string, Struct>
  /** Its chart as a graph; undefined for a statechart of one's own, which is not looked into. */
  readonly flow?: Flow
  /** Whoever calls it may be in another context afterwards. */
  readonly changesContext?: boolean
  /** The same for a thread that shares its processor: it asks for it before each step. */
  readonly sharing?: () => AnyStateMachine
  /** Once for each place where an object of the struct is allocated. */
  readonly allocates?: readonly Struct[]
  readonly [takes]?: Arguments
}
declare const takes: unique symbol

/**
 * A procedure: its name as the kernel's functions have one, its locals with the values they begin with, and its steps. Locals are arguments,
 * too: whoever calls it may set them. Falling off the end returns 0.
 *
 *     const inc = procedure('inc', { n: 0 }, [mutex_lock(m), read(counter, 'n'), mutex_unlock(m), write(counter, ({ n }) => n + 1)])
 */
export function procedure(name: string, steps: readonly Step<{}>[]): Procedure<{}>
export function procedure<L extends object>(name: string, locals: L, steps: readonly Step<NoInfer<L>>[]): Procedure<L>
export function procedure(name: string, ...rest: readonly unknown[]): Procedure {
  const [locals, steps] = (rest.length === 1 ? [{}, rest[0]] : rest) as [Locals, readonly Step<any>[]]
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new ModelError(
      'bad-description',
      `"${name}" is no name for a procedure.`,
      [],
      'It is called as a function of the kernel is: letters, digits and _, a letter first.',
    )
  }
  insist(stepsShape, steps, `Procedure ${name}`, ['steps'])
  const all = everyStep(steps)
  const values = Object.entries(locals)
  const structs = new Map(values.flatMap(([local, value]) => (structOf(value) ? [[local, structOf(value)!]] : [])))
  const start = Object.fromEntries(values.map(([local, value]) => [local, startValue(value)]))
  const chart = new Chart(name, start, structs)
  const machine = chart.made(steps)
  let shared: AnyStateMachine | undefined
  return {
    name,
    machine,
    input: {},
    uses: [...all.flatMap(({ uses = [] }) => uses), ...Object.values(locals).flatMap(pointedTo)],
    calls: all.flatMap(({ calls = [] }) => calls),
    manners: [...chart.manners, ...all.flatMap(({ manners = [] }) => manners)],
    signals: all.flatMap(({ signals = [] }) => signals),
    interrupts: all.flatMap(({ interrupts = [] }) => interrupts),
    flow: chart.flow,
    changesContext: chart.changesContext,
    sharing: () => (shared ??= new Chart(name, start, structs, true).made(steps)),
    defers: [...chart.defers, ...all.flatMap(({ defers = [] }) => defers)],
    pointers: structs,
    own: all.flatMap(({ own = [] }) => own),
    allocates: all.flatMap(({ allocates = [] }) => allocates),
  }
}

/** Those inside others, too; what is no step is told of when the chart is made. */
const everyStep = (steps: readonly Step<any>[]): readonly Step<any>[] =>
  steps.flatMap((step) => [step, ...everyStep(step?.inside ?? [])])

/**
 * A statechart of one's own, where a procedure could stand. It hears CALL (with whatever the caller gives) and answers whoever called with
 * RETURN and `ret`; its input is `{ task, ...input }`. `uses` and `calls`: what it speaks to; a procedure it calls is `<task>/<name>`.
 */
export const statechart = (
  name: string,
  machine: AnyStateMachine,
  {
    input = {},
    uses = [],
    calls = [],
    manners = [],
  }: Partial<Pick<Procedure, 'input' | 'uses' | 'calls' | 'manners'>> = {},
): Procedure => ({ name, machine, input, uses, calls, manners })
