/**
 * Lists of objects (list_head). An entry is a pointer: the list keeps no reference, so an object that is freed while it is on a list is a
 * trap for whoever walks there. Each step of a walk is a step of the thread; the entries are touched, as the kernel touches their list_heads.
 * Who changes a list or walks there by a plain word races with others who change it, unless something orders them; the words of RCU are for
 * readers whom nothing does.
 */
import { list as machine } from '../../machines/kernel/lists/list.ts'
import type { Access } from '../../machines/kernel/variables/operations.ts'
import { crash } from '../../machines/say.ts'
import { named, type KernelObject } from '../object.ts'
import { wordsOf, type AnyPlace, type Into, type Place, type PointerIn } from '../place.ts'
import type { Pointer } from '../pointer.ts'
import { ask, inOrder, keeping, saying, touching, type Locals, type Step, type Then } from '../step.ts'
import { mustBeReader } from './rcu.ts'

export type ListHead = KernelObject<'list_head'>

/** The head of a list, empty at first; without a name, as a member of a struct. */
export const list_head = (name = ''): ListHead =>
  named({ kind: 'list_head', name, actors: (id) => [{ id, machine, input: { name: id } }] })

/** The link that readers follow is written as a marked access, the one back is not. */
const changed = { marked: 'to readers' } as const

const linking =
  (word: string, type: 'ADD' | 'DEL', more: Locals = {}) =>
  <L>(entry: PointerIn<L>, list: Place<L, ListHead>): Step<L> =>
    inOrder([
      touching(entry),
      ask({
        says: `${word}(${entry}, ${wordsOf(list)})`,
        of: list,
        type,
        waits: 'not',
        with: (v, site) => ({ ptr: v[entry], ...changed, ...more, site }),
        answers: { ANSWER: {} },
      }),
    ])

/** Puts an object on the list, at the head. Leads to: list_add double add, use-after-free. */
export const list_add = linking('list_add', 'ADD')
export const list_add_tail = linking('list_add_tail', 'ADD', { tail: true })
/** Takes it off. Leads to: list_del corruption, when it is not on it. */
export const list_del = linking('list_del', 'DEL')

const published = { order: 'release' } as const
/** The same where readers go who are not kept out: who comes to the entry finds all that was written to it before. */
export const list_add_rcu = linking('list_add_rcu', 'ADD', published)
export const list_add_tail_rcu = linking('list_add_tail_rcu', 'ADD', { tail: true, ...published })
/** Who stands there goes on to what was next; it is freed when there are no more such (synchronize_rcu). */
export const list_del_rcu = linking('list_del_rcu', 'DEL', { rcu: true })

/** How a link is read. */
type Reading = Pick<Access, 'marked' | 'order'>
const plainly: Reading = {}
const once: Reading = { marked: true }
/** What it leads to is read by way of it, and so not before. */
const dereferenced: Reading = { marked: true, order: 'acquire' }

const link = (says: string, list: AnyPlace, how: Reading, from: string | null, answer: Then | readonly Then[]) =>
  ask({
    says,
    of: list,
    type: 'NEXT',
    reads: true,
    waits: 'not',
    with: (v, site) => ({ after: from === null ? null : v[from], ...how, site }),
    answers: { ANSWER: answer },
  })

/** `into`: nothing is on it. */
export const list_empty = <L>(list: Place<L, ListHead>, into: Into<L, boolean>): Step<L> =>
  link(`${into} = list_empty(${wordsOf(list)})`, list, once, null, { into, value: ({ ptr }) => ptr === null })

const first = (word: string, list: AnyPlace, into: string, how: Reading): Step<any> =>
  link(`${into} = ${word}(${wordsOf(list)})`, list, how, null, { into, value: ({ ptr }) => ptr })

/** `into`: the first entry, NULL when there is none. */
export const list_first_entry_or_null = <L>(list: Place<L, ListHead>, into: PointerIn<L>): Step<L> =>
  first('list_first_entry_or_null', list, into, once)

/** The same inside of rcu_read_lock. Leads to: `suspicious RCU usage`, outside of it. */
export const list_first_or_null_rcu = <L>(list: Place<L, ListHead>, into: PointerIn<L>): Step<L> =>
  inOrder([
    mustBeReader(`list_first_or_null_rcu(${wordsOf(list)})`),
    first('list_first_or_null_rcu', list, into, dereferenced),
  ])

/** `into`: the entry behind the one it points to, NULL at the end. Who stands at an entry that was taken off follows poison. */
const next = (list: AnyPlace, into: string, how = plainly): Step<any> =>
  link(`${into} = next of ${wordsOf(list)}`, list, how, into, [
    { if: ({ poisoned }) => poisoned === true, says: 'poison', does: poison(into) },
    { into, value: ({ ptr }) => ptr },
  ])

const poison = (local: string): Step<any> =>
  saying(`LIST_POISON1 behind ${local}`, (_, site) =>
    crash('bug', `general protection fault in ${site}: LIST_POISON1`, { detail: `${local} was taken off the list` }),
  )

/**
 * Walks over the list: `into` points to each entry in turn while the body runs, and to none afterwards. Leads to: use-after-free when the
 * entry was freed meanwhile, a general protection fault when it was taken off (list_del poisons it).
 */
export const list_for_each_entry = <L>(
  into: PointerIn<L>,
  list: Place<L, ListHead>,
  body: readonly Step<NoInfer<L>>[],
): Step<L> => walks('list_for_each_entry', into, list, [next(list, into)], body)

/**
 * The same inside of rcu_read_lock, beside whoever changes the list by the words of RCU. Leads to: `suspicious RCU usage`, outside of it;
 * use-after-free of an entry that was freed without waiting for readers.
 */
export const list_for_each_entry_rcu = <L>(
  into: PointerIn<L>,
  list: Place<L, ListHead>,
  body: readonly Step<NoInfer<L>>[],
): Step<L> => {
  const word = 'list_for_each_entry_rcu'
  const checks = mustBeReader(`${word}(${into}, ${wordsOf(list)})`)
  return walks(word, into, list, [checks, next(list, into, dereferenced)], body)
}

const walks = (
  word: string,
  into: string,
  list: AnyPlace,
  moves: readonly Step<any>[],
  body: readonly Step<any>[],
): Step<any> => {
  const start = keeping(`${word}(${into}, ${wordsOf(list)})`, () => ({ [into]: null }))
  return {
    inside: [start, ...moves, ...body],
    compile: (chart) => {
      const begins = chart.sequence([start])
      const step = chart.sequence(moves)
      begins.connect(step.entry!)
      const each = chart.branches(`if (${into})`, (v) => v[into] !== null, [...body, touching(into)], [], step.entry!)
      step.connect(each.entry!)
      return { entry: begins.entry, connect: each.connect }
    },
  }
}

/** Walks as list_for_each_entry does, but has the next entry in hand (`ahead`) before the body runs: the body may free its own. */
export const list_for_each_entry_safe = <L>(
  into: PointerIn<L>,
  ahead: PointerIn<L>,
  list: Place<L, ListHead>,
  body: readonly Step<NoInfer<L>>[],
): Step<L> =>
  inOrder([first('list_first_entry', list, ahead, plainly), walking(into, ahead, list, body as readonly Step<any>[])])

const walking = (into: string, ahead: string, list: AnyPlace, body: readonly Step<any>[]): Step<any> => {
  const move = keeping(`${into} = ${ahead}`, (v) => ({ [into]: v[ahead] }))
  const inside = [move, touching(ahead), next(list, ahead), ...body]
  return {
    inside,
    compile: (chart) =>
      chart.branches(`while (${ahead})`, (v) => (v[ahead] as Pointer | null) !== null, inside, [], 'again'),
  }
}
