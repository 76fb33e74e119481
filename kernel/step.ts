/**
 * What a step of a procedure is, and how words become one.
 *
 * TO ADD A WORD: write a function that returns a `Step`, in the file of its family in `kernel/words/`, and export it from `kernel/index.ts`.
 * Nothing else knows the words there are. Nearly every word is an `ask`: a message to an object, and what each of its answers means.
 *
 *     export const complete = <L>(place: CompletionPlace<L>): Step<L> =>
 *       ask({ says: `complete(${wordsOf(place)})`, of: place, type: 'COMPLETE', answers: { ANSWER: {} } })
 *
 *   says     the word as the kernel writes it: it names the state in the chart, the row in a story, the frame in a splat
 *   of       whom it is asked: an object, or a path to one behind a pointer (`'req->lock'`), whose memory has to be there then
 *   type     the message that the object's machine knows; `with` gives its other fields
 *   answers  message type → what becomes of it: the local it is kept in (`into`, `value`), where to go on (`goto`)
 *
 * A word that asks nobody is a `test` (two ways to go on), a `set` of locals, or an `exit`; one that is made of others is a list of them
 * (`inOrder`). Whether it may sleep, and what it does to preemption and interrupts: kernel/context.ts. What is wrong is for the machine to say that is asked (`complain`, or an observation of memory that the sanitizer judges), or
 * for the step itself: `finds`.
 *
 * TO ADD A KIND OF OBJECT: a machine in `machines/kernel/`, and a `KernelObject` (kernel/object.ts) that says of which actors it is made.
 */
import { isRead, type Access, type OperationName } from '../machines/kernel/variables/operations.ts'
import type { Heard, Said } from '../machines/say.ts'
import type { Chart } from './chart.ts'
import type { Effect } from './context.ts'
import { isThere, nullPointer, type Null } from './null.ts'
import type { Deferred, KernelObject, Manner, ThreadObject, Used } from './object.ts'
import type { AnyPlace } from './place.ts'
import type { Pointer, Struct } from './pointer.ts'
import type { Procedure } from './procedure.ts'

/** Locals of a procedure while it runs: numbers, strings, booleans, pointers, null. */
export type Locals = Readonly<Record<string, unknown>>

/**
 * A step of a procedure whose locals are `L`. `L` is only ever given to functions, so a step that needs few locals fits a procedure that has
 * more; what does not fit is a compile error.
 */
export interface Step<in L = unknown> {
  /** Adds its states to the chart of a procedure; what comes after it is connected later. */
  readonly compile: (chart: Chart) => Fragment
  /** Objects that it names: they are part of every world in which it is run. */
  readonly uses?: readonly KernelObject[]
  /** Procedures that it calls. */
  readonly calls?: readonly Procedure[]
  /** It allocates an object of this struct. */
  readonly allocates?: readonly Struct[]
  /** Objects that it uses in a manner which they have to be made for. */
  readonly manners?: readonly Used[]
  /** Threads whose signals it has to do with; an empty name is its own. */
  readonly signals?: readonly string[]
  /** Interrupts that it has to do with. */
  readonly interrupts?: readonly string[]
  /** What it needs that each thread has of its own. */
  readonly own?: readonly ThreadObject[]
  /** What it tells objects to have done later. */
  readonly defers?: readonly Deferred[]
  /** Steps inside it. */
  readonly inside?: readonly Step<any>[]
  /** The same access, of which it does not matter what races with it. */
  readonly racing?: Step<L>
  readonly [takes]?: (locals: L) => void
}
declare const takes: unique symbol

/** States of a step. */
export interface Fragment {
  /** The first of them; undefined: it has none, and is passed over. */
  readonly entry: string | undefined
  /** Tells where to go on behind the step. */
  readonly connect: (next: string) => void
}

/** A member of what a local points to. */
export interface Path {
  readonly local: string
  readonly struct: Struct
  readonly member: string
}

/** What an answer means. Of several, the first that applies. */
export interface Then {
  readonly if?: (answer: Heard & Locals, locals: Locals) => boolean
  /** That condition, as a picture of the chart says it. */
  readonly says?: string
  /** The local that keeps `value` (default: the answer's field `value`). */
  readonly into?: string
  readonly value?: (answer: Heard & Locals, locals: Locals) => unknown
  /** A step to take then, before the next one. */
  readonly does?: Step<any>
  /** What becomes of the context of the thread (kernel/context.ts). */
  readonly effect?: Effect
  /** A label to go on at, rather than at the next step. */
  readonly goto?: string
}

export interface Asking {
  readonly says: string
  /** The id of the actor that is asked, or the pointer that does not lead to one. `processors`: by the interrupt that comes there. */
  readonly to: (locals: Locals, task: string, processors: Readonly<Record<string, string>>) => string | Null
  /** The same, where it does not depend on a pointer; it tells which lock guards what. */
  readonly at?: string
  /** It leaves what it asks as it is. */
  readonly reads?: boolean
  /** The procedure that is called, and whether it changes the context; undefined: it knows nothing of contexts. */
  readonly callee?: string
  readonly changesContext?: boolean
  /** The same as a picture of the chart says it: `m`, `req->lock`. */
  readonly whom?: string
  readonly type: string
  readonly with?: (locals: Locals, site: string) => Locals
  readonly answers: Readonly<Record<string, Then | readonly Then[]>>
  /** When there is nothing to ask: it is passed over. */
  readonly skips?: (locals: Locals) => boolean
  /** No row of its own in a story, unless something is wrong. */
  readonly quiet?: boolean
  /** What happens to the context of the thread before it asks. */
  readonly before?: Effect
  /**
   * What may come while it is not answered. `sleeps`: it may take long, and a thread must not do so everywhere; `spins`: it may take long, but
   * does not sleep; `not`: it is answered at once; `unseen`: nobody could tell when. Unless said, it may
   * take long, and nothing else is known.
   */
  readonly waits?: 'sleeps' | 'spins' | 'not' | 'unseen'
}

type Needs = Pick<Step, 'uses' | 'calls' | 'allocates' | 'manners' | 'signals' | 'own' | 'interrupts'>

/** Asks an actor something and waits for its answer: one state. */
export const asking = (ask: Asking, needs: Needs = {}): Step<any> => ({
  ...needs,
  inside: stepsIn(ask.answers),
  compile: (chart) => chart.asks(ask),
})

const stepsIn = (answers: Asking['answers']): readonly Step<any>[] =>
  Object.values(answers).flatMap((then) => [then].flat().flatMap(({ does }: Then) => does ?? []))

type Question = Omit<Asking, 'to' | 'quiet'> & {
  readonly of: AnyPlace
  /**
   * Behind a pointer: the memory is touched first, or last by who lets go of something and is not done with it, or before and after by who
   * waits in between.
   */
  readonly touches?: 'first' | 'last' | 'both'
  /** Of an object that is several actors, the one that is asked: `lock` is `<name>.lock`. */
  readonly part?: string
  /** It is answered at once, whoever holds the object (tried); a signal ends the wait (killable). */
  readonly manner?: Manner
}

/** Asks an object, or a member of one. */
export function ask({ of, touches = 'first', manner, part, ...question }: Question): Step<any> {
  const partOf = (id: string): string => (part === undefined ? id : `${id}.${part}`)
  const signals = manner === 'killable' ? { signals: [''] } : {}
  if (typeof of !== 'string') {
    const to = partOf(of.name)
    return asking(
      { ...question, to: () => to, at: to, whom: to },
      { uses: [of], ...signals, ...(manner && { manners: [{ object: of, manner }] }) },
    )
  }
  return {
    ...signals,
    inside: stepsIn(question.answers),
    compile: (chart) => {
      const path = chart.path(of)
      if (manner) chart.manners.push({ object: path.struct.members[path.member]!, manner })
      const to = (locals: Locals) => {
        const member = memberAt(locals, path)
        return isThere(member) ? partOf(member) : member
      }
      const asked: Asking = { ...question, to, whom: of }
      const touch = touchOf(path, question.says)
      const order = { first: [touch, asked], last: [asked, touch], both: [touch, asked, touch] }
      return chart.sequence(order[touches].map((each) => asking(each)))
    },
  }
}

/** The memory at the end of a path is looked at, for a word: it has to be there. */
export const touchOf = (path: Path, says: string): Asking => ({
  ...accessing(path, { op: 'touch', marked: true }),
  says,
  quiet: true,
})

/** What is done to a variable, or to a field behind a pointer; `operand`: what the operation takes besides. */
export interface Accessing {
  readonly says: string
  readonly op: OperationName
  readonly operand?: (locals: Locals) => unknown
  readonly marked?: Access['marked']
  /** What it orders besides, as smp_store_release does. */
  readonly order?: Access['order']
  /** data_race(): whoever races with it is not told. */
  readonly silent?: boolean
  readonly keeps?: Then | readonly Then[]
}

/** One access of a variable, or of a field behind a pointer. */
export function access(of: AnyPlace, what: Accessing): Step<any> {
  const { says, silent, marked } = what
  const step = accessOnce(of, what)
  return silent || marked
    ? step
    : { ...step, racing: accessOnce(of, { ...what, says: `data_race(${says})`, silent: true }) }
}

function accessOnce(
  of: AnyPlace,
  { says, op, operand, marked = false, order, silent, keeps = {} }: Accessing,
): Step<any> {
  const what = (locals: Locals, site: string): Locals => ({
    op,
    ...(operand && { operand: operand(locals) }),
    ...(marked && { marked }),
    ...(order && { order }),
    ...(silent && { silent }),
    site,
  })
  const answers = { ANSWER: keeps }
  if (typeof of !== 'string')
    return asking(
      {
        says,
        to: () => of.name,
        at: of.name,
        reads: isRead({ op }),
        whom: of.name,
        type: 'ACCESS',
        with: what,
        answers,
        waits: 'not',
      },
      { uses: [of] },
    )
  return {
    inside: stepsIn(answers),
    compile: (chart) => {
      const path = chart.path(of)
      const behind = accessing(path, { op, marked })
      return chart.asks({
        ...behind,
        says,
        with: (l, site) => ({ ...behind.with!(l, site), ...what(l, site) }),
        answers,
      })
    },
  }
}

const accessing = (path: Path, what: Omit<Access, 'site'>): Omit<Asking, 'says'> => ({
  at: path.struct.name,
  reads: what.op === 'touch' || isRead(what),
  whom: `${path.local}->${path.member}`,
  to: (locals) => (locals[path.local] === null ? nullPointer(`${path.local}->${path.member}`) : path.struct.name),
  type: 'ACCESS',
  with: (locals, site) => ({ ptr: locals[path.local], field: path.member, ...what, site }),
  answers: { ANSWER: {} },
  waits: 'not',
})

/** The actor that a member is, where the local points to now: `req0.lock`. */
export function memberAt(locals: Locals, { local, member }: Path): string | Null {
  const ptr = locals[local] as Pointer | null
  return ptr === null ? nullPointer(`${local}->${member}`) : `${ptr.id}.${member}`
}

/** Touches the memory that a local points to; NULL is not followed. Leads to: use-after-free. */
export const touching = (local: string): Step<any> => ({
  compile: (chart) => {
    const struct = chart.structOf(local)
    return chart.asks({
      says: `touch ${local}`,
      to: () => struct.name,
      at: struct.name,
      reads: true,
      whom: local,
      type: 'ACCESS',
      with: (locals, site) => ({ ptr: locals[local], field: '', op: 'touch', marked: true, site }),
      skips: (locals) => locals[local] === null,
      answers: { ANSWER: {} },
      quiet: true,
      waits: 'not',
    })
  },
})

/** One after the other, as one step. */
export const inOrder = (steps: readonly Step<any>[]): Step<any> => ({
  inside: steps,
  compile: (chart) => chart.sequence(steps),
})

/** Keeps values in locals and goes on: no other thread can tell. */
export const keeping = (says: string, change: (locals: Locals) => Locals): Step<any> => ({
  compile: (chart) => chart.keeps(says, change),
})

/** Changes the context of the thread and goes on: kernel/context.ts. */
export const changing = (says: string, effect: Effect): Step<any> => ({
  compile: (chart) => chart.changes(says, effect),
})

/** Says that something is wrong (or notes something), if there is something to say, and goes on. */
export const saying = (says: string, said: (locals: Locals, site: string) => Said | undefined): Step<any> => ({
  compile: (chart) => chart.says(says, said),
})
