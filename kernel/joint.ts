/**
 * Where one's own meets a world that others describe: procedures that take the place of some that are there, procedures that are there and are
 * called, and locks of one name. It knows of no family: what it is told of one is its part (actors/world/world.ts).
 */
import type { ActorSpec, Brought, Operation, Part } from '../actors/world/world.ts'
import { ModelError } from '../explore/errors.ts'
import { nearest } from '../shapes/nearest.ts'
import { factsOfAll, hearingAll } from './another-lock.ts'
import { callName } from './names.ts'
import type { Procedure } from './procedure.ts'

/** By the name of a call: what takes its place, whichever thread makes it. */
export type Instead = Readonly<Record<string, Procedure>>

/** Every procedure that a thread may run, whoever calls it. */
export interface Runs {
  readonly thread: string
  readonly procedures: readonly Procedure[]
}

type Made = (thread: string, procedure: Procedure) => ActorSpec

export class Joint {
  /** Threads of the world, and what takes the place of calls they may make. */
  readonly taken: readonly { readonly thread: string; readonly run: readonly Procedure[] }[]
  readonly #part: Part
  readonly #made: Made
  readonly #calls: ReadonlyMap<string, ReadonlyMap<string, ActorSpec>>
  /** What takes the place of an actor of the world. */
  readonly #instead = new Map<string, Procedure>()

  /** `made`: a procedure of one's own as a thread runs it. */
  constructor(part: Part, instead: Instead, made: Made) {
    this.#part = part
    this.#made = made
    const threads = [...part.threads, ...(part.servers ?? [])]
    this.#calls = new Map(threads.map((thread) => [thread, callsOf(part.actors, thread)]))
    this.taken = Object.entries(instead).flatMap(([name, procedure]) => {
      const places = threads.flatMap((thread) => {
        const place = this.#calls.get(thread)!.get(name)
        return place ? [{ thread, place }] : []
      })
      if (places.length === 0) throw nothingCalled(name, this.#names)
      for (const { place } of places) this.#instead.set(place.id, procedure)
      return places.map(({ thread }) => ({ thread, run: [procedure] }))
    })
  }

  /** A procedure as a thread runs it. */
  callOf(thread: string, procedure: Procedure): ActorSpec {
    const { name, builtIn, operation } = procedure
    if (operation !== undefined) return this.#systemCall(thread, procedure, operation)
    if (builtIn === undefined) return this.#made(thread, procedure)
    const there = this.#calls.get(thread)?.get(builtIn)
    if (there === undefined) throw nothingCalled(builtIn, this.#names)
    return { ...there, id: callName(thread, name) }
  }

  #systemCall(thread: string, procedure: Procedure, operation: Operation): ActorSpec {
    const { made } = this.#part
    if (made === undefined) throw noSystemCalls(procedure)
    const input = made(thread, operation)
    if (input === undefined) throw madeInside(procedure)
    return this.#made(thread, { ...procedure, input })
  }

  /** All actors: those of the world, with what has taken their places, and one's own. `runs`: what each thread may run. */
  actors(own: readonly ActorSpec[], calls: readonly ActorSpec[], runs: readonly Runs[]): readonly ActorSpec[] {
    const there = new Map(this.#part.actors.map((spec) => [spec.id, spec]))
    const shared = new Map(
      own.flatMap((spec) => (there.has(spec.id) ? [[spec.id, one(spec, there.get(spec.id)!)]] : [])),
    )
    const all = [
      ...this.#part.actors.map((spec) => shared.get(spec.id) ?? this.#placed(spec)),
      ...calls,
      ...own.filter(({ id }) => !there.has(id)),
    ]
    return this.#part.met(all, { always: own.map(({ id }) => id), leadsTo: this.#leads(runs) })
  }

  #placed(spec: ActorSpec): ActorSpec {
    const procedure = this.#instead.get(spec.id)
    if (procedure === undefined) return spec
    return { ...this.#made(spec.thread!, procedure), id: spec.id }
  }

  #leads(runs: readonly Runs[]): Brought['leadsTo'] {
    const from = (thread: string, { calls }: Procedure): readonly string[] =>
      calls.map(({ name }) => callName(thread, name))
    return new Map([
      ...runs.flatMap(({ thread, procedures }) =>
        procedures.map((each) => [callName(thread, each.name), from(thread, each)] as const),
      ),
      ...this.#part.actors.flatMap(({ id, thread }) => {
        const procedure = this.#instead.get(id)
        return procedure ? [[id, from(thread!, procedure)] as const] : []
      }),
    ])
  }

  get #names(): readonly string[] {
    return [...new Set([...this.#calls.values()].flatMap((calls) => [...calls.keys()]))].toSorted()
  }
}

/** Calls of a thread by their names: `vmm0/unmap` and `p0.container0.unmap` without the thread. */
const callsOf = (actors: readonly ActorSpec[], of: string): ReadonlyMap<string, ActorSpec> =>
  new Map(
    actors
      .filter(({ id, thread }) => thread === of && id !== of)
      .map((spec) => [spec.id.slice(of.length + 1), spec] as const),
  )

/** A lock of one's own that is called as one of the world's is that one, as its owner makes it. */
function one(own: ActorSpec, there: ActorSpec): ActorSpec {
  if (!own.lock || !there.lock)
    throw new ModelError(
      'bad-description',
      `Two things are called "${own.id}": one of the world that is joined, and one of yours.`,
      [],
      'Give yours another name. A lock alone can take the place of one that is there.',
    )
  const lock = {
    ...(own.machine === there.machine ? there.lock : factsOfAll(own.lock)),
    ...(own.lock.tried && { tried: true as const }),
  }
  return {
    ...own,
    machine: own.machine === there.machine ? own.machine : hearingAll(own.machine),
    lock,
    ...(there.lockClass !== undefined && { lockClass: there.lockClass }),
  }
}

const noSystemCalls = ({ name }: Procedure): ModelError =>
  new ModelError(
    'bad-description',
    `Nobody makes the system call ${name} in this world.`,
    [],
    "System calls are made by threads of linux({ systemCalls }): kernel({ beside: linux({ systemCalls: '6.1', … }), threads }).",
  )

const madeInside = ({ name }: Procedure): ModelError =>
  new ModelError(
    'bad-description',
    `The system call ${name} is made by what takes the place of a call.`,
    [],
    'What a thread runs makes system calls: kernel({ beside, threads: { t1: procedure } }).',
  )

function nothingCalled(name: string, names: readonly string[]): ModelError {
  const guess = nearest(name, names)
  return new ModelError(
    'bad-description',
    `No thread of this world makes a call "${name}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['calls', names.join(', ')]],
    'A call goes by the name of its actor, without the thread.',
  )
}
