/**
 * A search over states that stand for others (symmetry.ts). Nothing that is declared is simply believed: in each state that is met, every command is
 * compared with what it would be by other names, and so is every answer of a property. Where one is otherwise the search begins again without.
 *
 * With up to five processes all their places are tried, and that is a proof: a state that was not met is one that was, by other names. With more
 * of them it is a sample, and the report says so.
 */
import { canonical } from '../states/canonical.ts'
import type { Message, Property, System } from '../system.ts'
import { tablesOf } from '../states/tables.ts'
import { inverse, type Places, type Symmetry } from './symmetry.ts'
import type { FindingReport, Report, Schedule } from '../outcome/report.ts'

/** A system in which states count once that differ only in who is who. */
export interface Folded {
  readonly system: System<any>
  /** Whose variables tell of them. */
  readonly component: string
  readonly symmetry: Symmetry
  /** The variables in a local state of it. */
  readonly stateOf: (local: unknown) => object
}

interface Behind<State> {
  readonly state: State
  readonly said: unknown
}

interface Ruled {
  readonly from: string
  readonly type: string
}

/** What a component does. */
interface Does<State, Rule extends Ruled> {
  /** By process and command, as the names stand in a message: `process\\ncommand`. */
  readonly commands: ReadonlyMap<string, Rule>
  readonly behind: (rule: any, state: State, message: Message) => Behind<State> | undefined
  readonly mayEnd: (state: State) => boolean
}

export class SymmetryTest<State extends object> {
  readonly #symmetry: Symmetry
  readonly #does: Does<State, Ruled>
  readonly #done = new WeakSet<object>()

  constructor(symmetry: Symmetry, does: Does<State, Ruled>) {
    this.#symmetry = symmetry
    this.#does = does
  }

  /** Every command in this state. Throws, where one is not what it is declared to be. */
  offers(state: State): void {
    if (this.#done.has(state)) return
    this.#done.add(state)
    const { commands, mayEnd } = this.#does
    for (const to of this.#symmetry.tried) {
      const renamed = this.#symmetry.renamed(state, to)
      for (const { from, type } of commands.values()) {
        const names = [from, type].map((each) => this.#symmetry.renamedName(each, to))
        const [rule, other] = [commands.get(`${from}\n${type}`)!, commands.get(names.join('\n'))]
        if (!other) this.#fail(`${from} has "${type}", and there is no ${names[0]} with "${names[1]}"`)
        this.#compare(to, this.#behind(rule, state), this.#behind(other!, renamed), `${from} "${type}"`)
      }
      if (mayEnd(state) !== mayEnd(renamed))
        this.#fail(`where a run may end tells ${this.#symmetry.whoMoves(to)} apart`)
    }
  }

  /** What is done with a message. */
  hears(rule: unknown, state: State, message: Message): void {
    for (const to of this.#symmetry.tried) {
      const renamed = this.#symmetry.renamed(state, to)
      const { behind } = this.#does
      this.#compare(
        to,
        behind(rule, state, message),
        behind(rule, renamed, message),
        `what is done with ${message.type}`,
      )
    }
  }

  #behind(rule: Ruled, state: State): Behind<State> | undefined {
    return this.#does.behind(rule, state, { from: rule.from, type: rule.type })
  }

  #compare(to: Places, one: Behind<State> | undefined, other: Behind<State> | undefined, what: string): void {
    const first = one && { state: this.#symmetry.renamed(one.state, to), said: one.said }
    if (textOf(first) !== textOf(other)) this.#fail(`${what} tells ${this.#symmetry.whoMoves(to)} apart`)
  }

  #fail(why: string): never {
    this.#symmetry.broken ??= why
    throw new Error(why)
  }
}

const textOf = (behind: unknown): string => (behind === undefined ? '' : canonical(behind))

/** The same properties, each of which has to say the same by other names. */
export const insistingOn = ({ symmetry, component }: Folded, properties: readonly Property[]): readonly Property[] =>
  properties.map((property): Property => {
    const asked = (view: unknown, ask: (view: unknown) => boolean): boolean => {
      const answer = ask(view)
      for (const to of symmetry.tried) {
        if (ask(renamedView(view as object, component, (state) => symmetry.renamed(state, to))) === answer) continue
        symmetry.broken ??= `"${property.name}" tells ${symmetry.whoMoves(to)} apart`
        throw new Error(symmetry.broken)
      }
      return answer
    }
    const { when } = property
    return {
      ...property,
      holds: (view) => asked(view, (each) => property.holds(each)),
      ...(when && { when: (view: unknown) => asked(view, when) }),
    }
  })

/** Each component is read when it is asked for. */
function renamedView(view: object, component: string, rename: (state: unknown) => unknown): object {
  const renamed = {}
  const read = (id: string): unknown => (view as Record<string, unknown>)[id]
  for (const id of Object.keys(view))
    Object.defineProperty(renamed, id, {
      get: () => (id === component ? rename(read(id)) : read(id)),
      enumerable: true,
    })
  return renamed
}

/** The report with runs of the system itself. */
export function unfolded(system: System<any>, folded: Folded, report: Report): Report {
  const run = (schedule: Schedule): Schedule => unfold(system, folded, schedule)
  const ofFinding = (finding: FindingReport): FindingReport => ({ ...finding, schedule: run(finding.schedule) })
  return {
    ...report,
    symmetry: folded.symmetry.isProved ? 'on' : 'sampled',
    properties: report.properties.map((each) => (each.schedule ? { ...each, schedule: run(each.schedule) } : each)),
    findings: report.findings.map(ofFinding),
    lockOrder: report.lockOrder.map((each) => ({ ...each, schedule: run(each.schedule) })),
  }
}

/** The same run with the names that everybody has in the system itself: what they are called on the way is undone, step by step. */
function unfold(
  system: System<any>,
  { system: over, component, symmetry, stateOf }: Folded,
  schedule: Schedule,
): Schedule {
  const [folded, real] = [tablesOf(over), tablesOf(system)]
  const [state, now] = [folded.initial(), real.initial()]
  const which = real.indexOf(component)
  return schedule.map((choice) => {
    const lane = folded.enabled(state)[choice]!
    const { from, to, offer } = folded.lanes[lane]!
    const back = inverse(symmetry.canonical(stateOf(real.locals[which]![now[which]!])).to)
    const called = (name: string) => (to === component ? symmetry.renamedName(name, back) : name)
    const enabled = real.enabled(now)
    const same = enabled.findIndex((each) => {
      const one = real.lanes[each]!
      return one.to === to && one.from === called(from) && one.offer === (offer && called(offer))
    })
    folded.apply(state, lane, folded.entryOf(state, lane)!)
    real.apply(now, enabled[same]!, real.entryOf(now, enabled[same]!)!)
    return same
  })
}
