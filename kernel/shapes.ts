/** What `procedure()` and `kernel()` may be handed, told for whoever has no compiler. */
import type { World } from '../actors/world/world.ts'
import { byName, either, flag, listOf, name, optional, record, that, whole, type Shape } from '../shapes/shape.ts'
import type { KernelObject } from './object.ts'
import type { Procedure } from './procedure.ts'
import type { Interrupt } from './processors.ts'
import type { Step } from './step.ts'
import type { JoinedDescription, KernelDescription } from './world.ts'

const has = (given: unknown, field: string): boolean => typeof given === 'object' && given !== null && field in given

/** A word that was not called, a string, a step that is undefined because its import is misspelt. */
const step = that<Step<any>>('a step, as mutex_lock(m) makes it', (given) => has(given, 'compile'))

export const stepsShape: Shape<readonly Step<any>[]> = listOf('a list of steps', step)

const procedure = that<Procedure>("a procedure, as procedure('name', [ … ]) makes it", (given) => has(given, 'machine'))

const object = that<KernelObject>("an object, as mutex('m') makes it", (given) => has(given, 'actors'))

const run: Shape<Procedure | readonly Procedure[]> = either('a procedure, or a list of them', (given) =>
  Array.isArray(given) ? listOf('a list of procedures', procedure) : procedure,
)

const bound = record<{ readonly run: Procedure | readonly Procedure[]; readonly on: string }>({ run, on: name() })

const thread: Shape<KernelDescription['threads'][string]> = either(
  "a procedure, a list of them, or { run, on: 'cpu0' }",
  (given) => (has(given, 'run') && !has(given, 'machine') ? bound : run),
)

const interrupt = record<Interrupt>({
  on: name(),
  handler: procedure,
  thread: optional(procedure),
  oneshot: optional(flag),
  times: optional(whole(1)),
})

const world = that<World>('a world, as linux() makes it', (given) => has(given, 'actors') && has(given, 'view'))

const threads = byName('threads by name: { a: procedure, b: [first, second] }', thread)

const more = {
  name: optional(name()),
  interrupts: optional(byName("interrupts by name: { nic: { on: 'cpu0', handler } }", interrupt)),
  objects: optional(listOf('a list of objects', object)),
}

const ownShape = record<KernelDescription>({ ...more, threads, log: optional(flag) })

const joinedShape = record<JoinedDescription<unknown>>({
  ...more,
  beside: world,
  threads: optional(threads),
  instead: optional(byName('procedures by the names of calls: { unmap: procedure }', procedure)),
})

/** What `kernel()` is given: a world by itself, or one beside another. */
export const descriptionShape: Shape<KernelDescription | JoinedDescription<unknown>> = either(
  'threads and what they run',
  (given) => (has(given, 'beside') ? joinedShape : ownShape),
)
