/** What works, timers and callbacks have in common: pieces that a thread of their own does later, and words that ask whoever keeps them. */
import { deferred as machine, deferredFacts, deferredOrders } from '../../machines/kernel/work/deferred.ts'
import type { DeferredKind, Job } from '../../machines/kernel/work/pieces.ts'
import { kworker } from '../../machines/kernel/work/kworker.ts'
import type { ActorSpec } from '../../actors/world/world.ts'
import { ModelError } from '../../explore/errors.ts'
import { inSoftirq } from '../context.ts'
import { callName } from '../names.ts'
import { isThere } from '../null.ts'
import { named, type Deferring, type KernelObject } from '../object.ts'
import type { AnyPlace } from '../place.ts'
import type { Pointer } from '../pointer.ts'
import type { Procedure } from '../procedure.ts'
import { asking, memberAt, touchOf, type Asking, type Locals, type Path, type Step } from '../step.ts'

/** Something that is done later. `on`: the workqueue that keeps it; without one it is kept by itself. */
export interface Piece<Kind extends string = string> extends KernelObject<Kind> {
  readonly deferring: Deferring
  readonly on?: KernelObject
}

export const isPiece = (object: KernelObject): object is Piece => object.deferring !== undefined

/** Who keeps the piece that is called `id`. */
const keeper = ({ on }: Piece, id: string): string => on?.name ?? id

export const workerOf = ({ deferring }: Piece, id: string): string => `${deferring.worker}/${id}`

interface Made<Kind extends string> {
  readonly kind: Kind
  readonly name: string
  readonly worker: 'kworker' | 'timer' | 'rcu' | 'tasklet' | 'softirq'
  /** The processor that it is done on. */
  readonly processor?: string | undefined
  readonly procedure?: Procedure | undefined
  /** Its class, as lockdep has a map for each of them. */
  readonly classOf?: (lockClass: string) => string
  readonly on?: KernelObject | undefined
}

/** The processor that it comes to, between the steps of threads that are bound there; without, it has one for itself. */
export interface OnProcessor {
  readonly on?: string
}

/** What `INIT_WORK` and `timer_setup` make for it, when it lies in nothing. */
const jobOf = (piece: Piece, id: string, { name }: Procedure): Job => ({ call: callName(workerOf(piece, id), name) })

export const pieceCalled = <Kind extends string>({
  kind,
  name,
  worker,
  procedure,
  classOf = (it) => it,
  on,
  processor,
}: Made<Kind>): Piece<Kind> => {
  const does = procedure === undefined ? [] : [procedure]
  const piece: Piece<Kind> = {
    kind,
    name,
    deferring: { worker, does, ...(processor !== undefined && { on: processor }) },
    ...(on && { on, needs: [on] }),
    // Nobody keeps track of the others as of debug objects.
    ...(worker !== 'tasklet' && { freed: (id: string) => ({ to: keeper(piece, id), piece: id }) }),
    actors: (id, { lockClass }) => [
      workerCalled(piece, id),
      ...(on === undefined ? [keeperOf(id, [{ id, object: piece }], { lockClass: classOf(lockClass) })] : []),
    ],
  }
  return named(piece)
}

/** All but work is done in a softirq; only a kworker may sleep. */
const workerCalled = (piece: Piece, id: string): ActorSpec => {
  const task = workerOf(piece, id)
  const isSoftirq = piece.deferring.worker !== 'kworker'
  const input = { task, queue: keeper(piece, id), piece: id, ...(isSoftirq && { in: inSoftirq }) }
  return { id: task, machine: kworker, input, thread: task, ...(isSoftirq && { runsIn: '(softirq)' }) }
}

/** The actor that keeps these pieces. */
export function keeperOf(
  id: string,
  pieces: readonly { readonly id: string; readonly object: KernelObject }[],
  { lockClass, most }: { readonly lockClass: string; readonly most?: number | undefined },
): ActorSpec {
  const kept = pieces.flatMap(({ id, object }) => (isPiece(object) ? [{ id, piece: object }] : []))
  const entries = <T>(of: (piece: Piece, id: string) => readonly T[]): Readonly<Record<string, T>> =>
    Object.fromEntries(kept.flatMap(({ id, piece }) => of(piece, id).map((value) => [id, value])))
  const input = {
    id,
    workers: entries((piece, id) => [workerOf(piece, id)]),
    kinds: entries(({ kind }) => [kind as DeferredKind]),
    jobs: entries((piece, id) => piece.deferring.does.map((each) => jobOf(piece, id, each))),
    ...(most !== undefined && { most }),
  }
  return { id, machine, input, lockClass, lock: deferredFacts, orders: deferredOrders }
}

interface Asked {
  readonly says: string
  readonly of: AnyPlace
  readonly type: string
  readonly with?: (piece: Piece, id: string, container: Pointer | undefined) => Locals
  /** The local that keeps what it was, and what it means there. */
  readonly into?: string | undefined
  readonly value?: (value: unknown) => unknown
  /** The workqueue that the word names. */
  readonly on?: KernelObject
  readonly waits?: 'sleeps' | 'spins' | 'not'
}

/** Asks whoever keeps a piece; behind a pointer its memory is touched first. */
export function askKeeper({
  says,
  of,
  type,
  with: more,
  into,
  value = (it) => it,
  on,
  waits = 'not',
}: Asked): Step<any> {
  const words = into === undefined ? says : `${into} = ${says}`
  const answers = { ANSWER: into === undefined ? {} : { into, value: (answer: Locals) => value(answer['value']) } }
  const asked = { says: words, type, answers, waits }
  if (typeof of !== 'string') {
    const piece = of as Piece
    mustBeOn(words, piece, on)
    const fields = { piece: piece.name, ...more?.(piece, piece.name, undefined) }
    const to = keeper(piece, piece.name)
    return asking(
      { ...asked, to: () => to, at: to, whom: to, with: () => fields },
      { uses: [piece, ...(piece.on ? [piece.on] : [])] },
    )
  }
  return {
    ...(on && { uses: [on] }),
    compile: (chart) => {
      const path = chart.path(of)
      const piece = path.struct.members[path.member] as Piece
      mustBeOn(words, piece, on)
      return chart.sequence([asking(touchOf(path, words)), asking({ ...asked, ...askedAt(path, piece, more) })])
    },
  }
}

const askedAt = (path: Path, piece: Piece, more: Asked['with']): Pick<Asking, 'to' | 'with' | 'whom'> => ({
  whom: `${path.local}->${path.member}`,
  to: (locals) => {
    const id = memberAt(locals, path)
    return isThere(id) ? keeper(piece, id) : id
  },
  with: (locals) => {
    const id = memberAt(locals, path) as string
    return { piece: id, ...more?.(piece, id, locals[path.local] as Pointer) }
  },
})

function mustBeOn(says: string, { name, on, kind }: Piece, asked: KernelObject | undefined): void {
  if (asked === undefined || asked === on || (on === undefined && asked.name === systemWq)) return
  throw new ModelError(
    'bad-description',
    `${says}: the ${kind} ${name} is not put on ${asked.name}, but on ${on?.name ?? systemWq}.`,
    [],
    `Each piece of work has one workqueue here: work_struct({ on: ${asked.name} }).`,
  )
}

export const systemWq = 'system_wq'

interface Initialising {
  readonly says: string
  readonly of: AnyPlace
  readonly procedure: Procedure
  readonly type?: string
  readonly on?: KernelObject
}

/** Says what is to be done later. In an object, the procedure gets the object in its first local that points to such. */
export const initialising = ({ says, of, procedure, type = 'INIT', on }: Initialising): Step<any> => {
  const asked = (local?: string): Step<any> =>
    askKeeper({
      says,
      of,
      type,
      ...(on && { on }),
      with: (piece, id, container) => ({
        job: {
          ...jobOf(piece, id, procedure),
          ...(container && local !== undefined && { local, in: container.id, life: container.gen }),
        },
      }),
    })
  if (typeof of !== 'string') return { ...asked(), defers: [{ object: of, procedure }] }
  return {
    ...(on && { uses: [on] }),
    compile: (chart) => {
      const { struct, member } = chart.path(of)
      const [local] = [...(procedure.pointers ?? [])].find(([, to]) => to === struct) ?? []
      chart.defers.push({ object: struct.members[member]!, procedure })
      return asked(local).compile(chart)
    },
  }
}
