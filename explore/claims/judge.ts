/**
 * Looks at states with the eyes of the properties, and remembers which components they read: only those need to stay visible under the
 * reduction. A view is judged once for each combination of local states it depends on. Of a log only what it says counts, not what else is so of
 * those who write it: who looks at nothing else sees no more than the steps that write.
 */
import { applies, holds, holdsOfStep } from './answer.ts'
import type { Message, Property, StepView, System } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'

/** One bit a property: it holds (`always`: it holds or does not apply). */
export type Judgement = { readonly holds: readonly boolean[]; readonly applies: readonly boolean[] }

/** By number: the claims about steps that a step says something about, and those of them that it breaks. */
export interface StepJudgement {
  readonly asked: readonly number[]
  readonly broken: readonly number[]
}

interface Known {
  readonly ways: Known[]
  judgement: Judgement | undefined
  /** Of steps from there. */
  steps?: Map<Entry, StepJudgement>
}

export class Judge {
  readonly properties: readonly Property[]
  readonly #tables: Tables
  readonly #system: System<any>
  readonly #visible: Set<number>
  /** A trie over the local states of what properties look at, and over logs. */
  #known: Known = { ways: [], judgement: undefined }
  /** Properties look at the log; of so many who write it is known. */
  #looksAtLog = false
  #writers = 0
  /** Called with the components that properties have read for the first time. */
  onSeen: ((components: readonly number[]) => void) | undefined
  /**
   * Called where a claim about steps asks which step it is, and throws. It is there where not every step is judged: then such claims are asked of
   * states, too, as of a step that changes nothing, so that all they look at is known.
   */
  onStepAsked: ((name: string) => never) | undefined
  /** Numbers of the claims about steps. */
  readonly #aboutSteps: readonly number[]

  readonly #logIsApart: boolean

  /** `logIsApart`: whoever wants to know what properties look at knows by himself of steps that write to a log. */
  constructor(tables: Tables, properties: readonly Property[], visible: Set<number>, logIsApart = true) {
    this.#tables = tables
    this.#system = tables.system
    this.properties = properties
    this.#visible = visible
    this.#logIsApart = logIsApart
    this.#aboutSteps = [...properties.keys()].filter((index) => properties[index]!.step)
  }

  judge(state: Int32Array): Judgement {
    return this.judgeBy(
      (component) => state[component]!,
      () => state,
    )
  }

  /** What a step from a state says to claims about steps; undefined: nothing. */
  judgeStep(state: Int32Array, entry: Entry): StepJudgement | undefined {
    return this.judgeStepBy(
      (component) => state[component]!,
      () => state,
      entry,
    )
  }

  /** The same of a state that is told as `judgeBy` is. */
  judgeStepBy(local: (component: number) => number, state: () => Int32Array, entry: Entry): StepJudgement | undefined {
    if (this.#aboutSteps.length === 0 || entry.fatal || entry.next === entry.local) return undefined
    const at = this.#knownAt(local)
    const known = at.steps?.get(entry)
    if (known) return known
    const judgement = this.#asking(() => this.#judgeStep(state(), entry))
    ;(at.steps ??= new Map()).set(entry, judgement)
    return judgement
  }

  /** By the local states of those components that properties look at; the whole state is made when one has to be asked. */
  judgeBy(local: (component: number) => number, state: () => Int32Array): Judgement {
    const at = this.#knownAt(local)
    return (at.judgement ??= this.#asking(() => this.#judge(state())))
  }

  #knownAt(local: (component: number) => number): Known {
    const { logs } = this.#tables
    // One more who writes is one more question.
    if (this.#looksAtLog && logs.writers.length > this.#writers) this.#forget()
    let at = this.#known
    for (const component of this.#visible) at = at.ways[local(component)] ??= { ways: [], judgement: undefined }
    if (!this.#looksAtLog) return at
    for (const each of logs.writers)
      at = at.ways[logs.numberOf(each, local(each))] ??= { ways: [], judgement: undefined }
    return at
  }

  #forget(): void {
    this.#known = { ways: [], judgement: undefined }
    this.#writers = this.#tables.logs.writers.length
  }

  /** What is looked at for the first time is one more question: what was known without it is known no more, also where a search begins again for it. */
  #asking<Answer>(ask: () => Answer): Answer {
    const [before, lookedAtLog] = [this.#visible.size, this.#looksAtLog]
    try {
      return ask()
    } finally {
      if (this.#visible.size > before || this.#looksAtLog !== lookedAtLog) this.#forget()
    }
  }

  /** A property that answers otherwise in this state when a component is in the one local state than when it is in the other. */
  tellsApart(state: Int32Array, component: number, one: unknown, other: unknown): string | undefined {
    const answers = (local: unknown) => {
      const view = this.#system.view((id) => {
        const index = this.#tables.indexOf(id)
        return index === component ? local : this.#tables.locals[index]![state[index]!]
      })
      return this.properties.map((property) => [applies(property, view), holds(property, view)].join())
    }
    try {
      const [first, second] = [answers(one), answers(other)]
      return this.properties.find((_, index) => first[index] !== second[index])?.name
    } catch {
      // Not every such state need be one that there is.
      return undefined
    }
  }

  #judgeStep(state: Int32Array, entry: Entry): StepJudgement {
    const { component, next } = entry
    const seen: number[] = []
    const [asked, broken]: [number[], number[]] = [[], []]
    for (const index of this.#aboutSteps) {
      const property = this.properties[index]!
      let isAbout = false
      const look = (each: number): void => {
        if (each === component) isAbout = true
        this.#see(each, seen)
      }
      const lookAtLog = (): void => void (isAbout ||= entry.writes)
      const localAfter = (each: number): number => (each === component ? next : state[each]!)
      const before = this.#viewOf(
        (each) => (look(each), state[each]!),
        (each) => state[each]!,
        lookAtLog,
      )
      const after = this.#viewOf((each) => (look(each), localAfter(each)), localAfter, lookAtLog)
      const isTrue = holdsOfStep(property, before, after, this.#stepView(property, entry))
      if (!isAbout) continue
      asked.push(index)
      if (!isTrue) broken.push(index)
    }
    if (seen.length > 0) this.onSeen?.(seen)
    return { asked, broken }
  }

  /** Throws where it is not to be asked for. */
  #stepView({ name }: Property, { component, message: number }: Entry): StepView {
    const { id } = this.#tables.components[component]!
    const message = this.#tables.messages[component]![number]!
    return stepView(() => (this.onStepAsked ? this.onStepAsked(name) : { id, message }))
  }

  /** `local` is asked for what properties look at; `lookAtLog` is called where that is the log. */
  #viewOf(local: (component: number) => number, at: (component: number) => number, lookAtLog: () => void): unknown {
    const read = (id: string): unknown => {
      const component = this.#tables.indexOf(id)
      return this.#tables.locals[component]![local(component)]
    }
    if (!this.#logIsApart) return this.#system.view(read)
    return this.#system.view(read, () => {
      this.#looksAtLog = true
      lookAtLog()
      return this.#tables.logs.linesIn(at)
    })
  }

  #see(component: number, seen: number[]): void {
    if (this.#visible.has(component)) return
    this.#visible.add(component)
    seen.push(component)
  }

  #judge(state: Int32Array): Judgement {
    const seen: number[] = []
    const view = this.#viewOf(
      (component) => (this.#see(component, seen), state[component]!),
      (component) => state[component]!,
      () => {},
    )
    const doesApply = this.properties.map((property) => !property.step && applies(property, view))
    const doesHold = this.properties.map((property, index) => !doesApply[index] || holds(property, view))
    if (this.onStepAsked) this.#standStill(view)
    if (seen.length > 0) this.onSeen?.(seen)
    return { holds: doesHold, applies: doesApply }
  }

  /** Nobody wants to know what is said: only what is looked at. */
  #standStill(view: unknown): void {
    for (const index of this.#aboutSteps) {
      const property = this.properties[index]!
      holdsOfStep(
        property,
        view,
        view,
        stepView(() => this.onStepAsked!(property.name)),
      )
    }
  }
}

/** Asked only when somebody wants to know. */
const stepView = (ask: () => { readonly id: string; readonly message: Message }): StepView => ({
  get from() {
    return ask().message.from
  },
  get to() {
    return ask().id
  },
  get type() {
    return ask().message.type
  },
  get message() {
    return ask().message
  },
})
