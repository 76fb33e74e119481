/**
 * Lists of objects (list_head). An entry is a pointer: the list keeps no reference, so an object that is freed while it is on a list is a
 * trap for whoever walks there. Each step of a walk is a step of the thread; the entries are touched, as the kernel touches their list_heads.
 */
import { list as machine } from '../../machines/kernel/list.ts'
import { crash } from '../../machines/say.ts'
import { named, type KernelObject } from '../object.ts'
import { wordsOf, type AnyPlace, type Into, type Place, type PointerIn } from '../place.ts'
import type { Pointer } from '../pointer.ts'
import { ask, inOrder, keeping, saying, touching, type Locals, type Step } from '../step.ts'

export type ListHead = KernelObject<'list_head'>

/** The head of a list, empty at first; without a name, as a member of a struct. */
export const list_head = (name = ''): ListHead =>
  named({ kind: 'list_head', name, actors: (id) => [{ id, machine, input: {} }] })

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
        with: (v) => ({ ptr: v[entry], ...more }),
        answers: { ANSWER: {} },
      }),
    ])

/** Puts an object on the list, at the head. Leads to: list_add double add, use-after-free. */
export const list_add = linking('list_add', 'ADD')
export const list_add_tail = linking('list_add_tail', 'ADD', { tail: true })
/** Takes it off. Leads to: list_del corruption, when it is not on it. */
export const list_del = linking('list_del', 'DEL')

/** `into`: nothing is on it. */
export const list_empty = <L>(list: Place<L, ListHead>, into: Into<L, boolean>): Step<L> =>
  ask({
    says: `${into} = list_empty(${wordsOf(list)})`,
    of: list,
    type: 'NEXT',
    reads: true,
    waits: 'not',
    with: () => ({ after: null }),
    answers: { ANSWER: { into, value: ({ ptr }) => ptr === null } },
  })

/** `into`: the first entry, NULL when there is none. */
export const list_first_entry_or_null = <L>(list: Place<L, ListHead>, into: PointerIn<L>): Step<L> =>
  ask({
    says: `${into} = list_first_entry_or_null(${wordsOf(list)})`,
    of: list,
    type: 'NEXT',
    reads: true,
    waits: 'not',
    with: () => ({ after: null }),
    answers: { ANSWER: { into, value: ({ ptr }) => ptr } },
  })

/** `into`: the entry behind the one it points to, NULL at the end. Who stands at an entry that was taken off follows poison. */
const next = (list: AnyPlace, into: string): Step<any> =>
  ask({
    says: `${into} = next of ${wordsOf(list)}`,
    of: list,
    type: 'NEXT',
    reads: true,
    waits: 'not',
    with: (v) => ({ after: v[into] }),
    answers: {
      ANSWER: [
        { if: ({ poisoned }) => poisoned === true, says: 'poison', does: poison(into) },
        { into, value: ({ ptr }) => ptr },
      ],
    },
  })

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
): Step<L> => {
  const start = keeping(`list_for_each_entry(${into}, ${wordsOf(list)})`, () => ({ [into]: null }))
  return {
    inside: [start, next(list, into), ...body],
    compile: (chart) => {
      const first = chart.sequence([start])
      const step = chart.sequence([next(list, into)])
      first.connect(step.entry!)
      const each = chart.branches(`if (${into})`, (v) => v[into] !== null, [...body, touching(into)], [], step.entry!)
      step.connect(each.entry!)
      return { entry: first.entry, connect: each.connect }
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
  inOrder([
    list_first_entry_or_null<any>(list as ListHead, ahead),
    walking(into, ahead, list, body as readonly Step<any>[]),
  ])

const walking = (into: string, ahead: string, list: AnyPlace, body: readonly Step<any>[]): Step<any> => {
  const move = keeping(`${into} = ${ahead}`, (v) => ({ [into]: v[ahead] }))
  const inside = [move, touching(ahead), next(list, ahead), ...body]
  return {
    inside,
    compile: (chart) =>
      chart.branches(`while (${ahead})`, (v) => (v[ahead] as Pointer | null) !== null, inside, [], 'again'),
  }
}
