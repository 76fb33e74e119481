/**
 * "This before that, and all the rest is free": only those runs of a system are looked at in which of each two steps that are named so the first has come
 * before the other is taken. Nothing else is different, and states, steps and runs are those of the system itself.
 */
import { nearest, toChooseFrom } from '../../shapes/nearest.ts'
import { ModelError } from '../errors.ts'
import { isCountable, unseen, type Named, type Order, type Rule } from './held.ts'
import type { OrderReport } from '../outcome/report.ts'
import type { System } from '../system.ts'

/** Names of steps (`from → to TYPE`, the second time `from → to TYPE #2`), each of which comes before the next. */
export type Sequence = readonly string[]

/** The same system in this order, and in the one that it has. Throws a ModelError where it names what never comes, or goes round in a circle. */
export function inOrder<View>(system: System<View>, sequences: readonly Sequence[]): System<View> {
  const ids = [
    ...new Set([...system.components.map(({ id }) => id), ...system.start.map(({ message }) => message.from)]),
  ]
  const { rules: own = [], came = 0 } = system.order ?? {}
  // What came of its own rules stands first in a state, and stays.
  const given = sequences.flatMap((sequence, at) => rulesOf(system, sequence, at, ids))
  const rules = distinct([...own, ...given])
  insistOnNoCircle(rules)
  if (!isCountable(rules))
    throw new ModelError(
      'too-large',
      'The order has more rules than a state can tell of.',
      [['rules', `${rules.length}`]],
      'Leave out what follows from the others, and count no further than you have to.',
    )
  const order = unseen(rules, came)
  const { name, fingerprint, components, start } = system
  // Who numbers his own states knows of no order.
  return {
    ...{ name, fingerprint, components, start, order },
    view: (read, log) => system.view(read, log),
    ...(system.besides && { besides: (report) => system.besides!(report) }),
    ...(system.tell && { tell: (trace) => system.tell!(trace) }),
    ...(system.folded && { folded: () => system.folded!() }),
  }
}

/** What a search has seen of the order. */
export const orderReport = ({ rules, seen }: Order): readonly OrderReport[] =>
  rules.map(({ said: [first, second] }, at) => {
    const { met, ...rest } = seen[at]!
    return { first, second, ...rest, ...(!met && { unmet: true }) }
  })

function rulesOf(system: System<any>, sequence: Sequence, at: number, ids: readonly string[]): readonly Rule[] {
  if (sequence.length < 2)
    throw doesNotFit(`order[${at}] says of one step that it comes before nothing.`, [
      ['expected', 'two names at least: what comes first, and what comes then'],
    ])
  const named = sequence.map((said, step) => namedBy(system, said, `order[${at}][${step}]`, ids))
  return named
    .slice(1)
    .map((second, step): Rule => ({ first: named[step]!, second, said: [sequence[step]!, sequence[step + 1]!] }))
}

function namedBy(system: System<any>, said: string, place: string, ids: readonly string[]): Named {
  const [, name, count = '1'] = /^(.*?)(?: #(\d+))?$/s.exec(said)!
  const nth = Number(count)
  const [from, rest] = cutAt(name!, ' → ')
  if (rest === undefined || nth < 1)
    throw doesNotFit(`${place} is no name of a step: ${said}.`, [
      ['expected', '`from → to TYPE`, as runs have it; of the second time `from → to TYPE #2`'],
    ])
  // Whoever offers something from outside is no component.
  const isOffered = system.components.some((each) => each.offers !== undefined)
  if (!ids.includes(from) && !isOffered) throw unknown(place, from, ids)
  const to = ids.filter((id) => rest.startsWith(`${id} `)).toSorted((a, b) => b.length - a.length)[0]
  if (to === undefined || !system.components.some(({ id }) => id === to))
    throw unknown(
      place,
      cutAt(rest, ' ')[0],
      system.components.map(({ id }) => id),
    )
  const type = rest.slice(to.length + 1)
  insistOnHeard(system, { from, to, type }, place)
  return { from, to, type, nth }
}

/** What is never heard is never waited for, and a search would not say so. */
function insistOnHeard({ components }: System<any>, { from, to, type }: Omit<Named, 'nth'>, place: string): void {
  const known = components.find(({ id }) => id === to)?.hears?.(from)
  if (known === undefined || known.includes(type)) return
  const guess = nearest(type, known)
  throw new ModelError(
    'unknown-message',
    `${place}: ${to} never hears "${type}" from ${from}.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['known', toChooseFrom(known, type) || 'none']],
    'Name a message that it hears, as runs have it.',
  )
}

function cutAt(text: string, by: string): readonly [string, string?] {
  const at = text.indexOf(by)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + by.length)]
}

/** A step has to come before itself, if all that is said is kept; of one name, the first time comes before the second. */
function insistOnNoCircle(rules: readonly Rule[]): void {
  const behind = (named: Named): readonly Rule[] =>
    rules.filter(({ first }) => nameOf(first) === nameOf(named) && first.nth >= named.nth)
  const isBefore = (one: Named, other: Named): boolean => nameOf(one) === nameOf(other) && one.nth <= other.nth
  for (const rule of rules) {
    const ways: (readonly Rule[])[] = [[rule]]
    const met = new Set<Rule>()
    for (const way of ways) {
      const { second } = way.at(-1)!
      if (isBefore(second, rule.first))
        throw doesNotFit('The order goes round in a circle: one of its steps would have to come before itself.', [
          ...way.map(({ said: [first, next] }, at) => [at === 0 ? 'circle' : '', `${first} before ${next}`] as const),
        ])
      for (const next of behind(second)) {
        if (met.has(next)) continue
        met.add(next)
        ways.push([...way, next])
      }
    }
  }
}

/** What is said twice is one rule. */
const distinct = (rules: readonly Rule[]): readonly Rule[] =>
  rules.filter((rule, at) => rules.findIndex((other) => isSame(other, rule)) === at)

const isSame = ({ said }: Rule, other: Rule): boolean => said[0] === other.said[0] && said[1] === other.said[1]

const nameOf = ({ from, to, type }: Named): string => `${from} → ${to} ${type}`

const doesNotFit = (message: string, evidence: ModelError['evidence']): ModelError =>
  new ModelError(
    'bad-schedule',
    message,
    evidence,
    'Name steps as runs have them, and of each only what comes after it.',
  )

function unknown(place: string, id: string, known: readonly string[]): ModelError {
  const guess = nearest(id, known)
  return new ModelError(
    'unknown-actor',
    `${place}: nobody is called "${id}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['known', toChooseFrom(known, id)]],
  )
}
