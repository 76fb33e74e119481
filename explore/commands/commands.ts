/**
 * Systems from tables of guarded commands: variables, processes that change them, and channels. What others know from Promela, DVE or the
 * actions of a TLA+ module is written down line by line, and each command that is possible in a state is one step from it.
 *
 * Variables that are read or changed together are one component, whoever does it: a command is atomic. Components that share nothing talk over
 * channels, which are the checker's lanes: one from each component to each other one, first in, first out, without bound. Other
 * channels (bounded, lossy, a bag, a set) are variables.
 */
import { faultIn, insist, pathOf, problemsIn, shown } from '../../shapes/insist.ts'
import type { Shape } from '../../shapes/shape.ts'
import { brief, canonical, deepFreeze } from '../states/canonical.ts'
import { answersOf, tableShape } from './command-shapes.ts'
import { ModelError } from '../errors.ts'
import { fingerprintOf } from '../states/fingerprint.ts'
import { isRight } from '../shapes.ts'
import { Symmetry, type Symmetric } from '../symmetry/symmetry.ts'
import { SymmetryTest, type Folded } from '../symmetry/folding.ts'
import type { Component, Message, Outcome, System } from '../system.ts'

/** A message to another component: the channel adds who it is from. */
export interface Said {
  readonly to: string
  readonly type: string
  readonly [field: string]: unknown
}

/** What happens in one step, and when it may. `Heard` is empty for a command, and a message for what is received. */
export interface Command<State, Heard extends readonly unknown[] = []> {
  /** The guard; absent: always. */
  readonly when?: (state: State, ...heard: Heard) => boolean
  /** The variables that change, with what they are then. Whatever is left out stays what it is. */
  readonly do: (state: State, ...heard: Heard) => Partial<State>
  /** What is said besides, told from the state before. */
  readonly sends?: (state: State, ...heard: Heard) => readonly Said[]
}

/** Variables, and everything that can change them. */
export interface Variables<State extends object> {
  /**
   * What they are at the start, JSON-like (bigint allowed). A list: any of these, and which one is the first step that is taken, from one
   * state before all others.
   */
  readonly start: State | readonly State[]
  /** By process, its commands by name. */
  readonly processes?: Readonly<Record<string, Readonly<Record<string, Command<NoInfer<State>>>>>>
  /** By type of the message, what is done with it once it is the next in its channel. Until its guard is true, it waits there. */
  readonly receives?: Readonly<Record<string, Command<NoInfer<State>, [message: Message]>>>
  /** Processes that are interchangeable, and what tells of them: states that differ only in who is who count once (explore/symmetry/symmetry.ts). */
  readonly symmetric?: Symmetric
  /** Where a run may end, as far as these variables are concerned. Elsewhere an end is a deadlock. Unless said: nowhere. */
  readonly mayEnd?: boolean | ((state: NoInfer<State>) => boolean)
}

/** The whole table. `States`: the variables of each component. */
export interface CommandTable<States extends { readonly [Id in keyof States]: object }> {
  readonly name: string
  readonly components: { readonly [Id in keyof States]: Variables<States[Id]> }
}

/**
 * The system that the table describes; properties look at the variables of each component by its name. Steps are called
 * `process → component command`.
 *
 * Throws a ModelError of problem `bad-description` where the table does not fit; what commands answer is looked at when they are asked, and
 * refused with a ModelError of problem `bad-component` that names the command.
 */
export function fromCommands<States extends { readonly [Id in keyof States]: object }>(
  table: CommandTable<States>,
): System<States> {
  insist(tableShape, table, 'fromCommands()')
  const { name, components } = table
  const entries = Object.entries<Variables<any>>(components)
  const symmetric = entries.find((entry) => entry[1].symmetric !== undefined)
  const made = (symmetry?: Symmetry): System<States> => ({
    name,
    fingerprint: fingerprintOf([name, entries.map(describe)]),
    components: entries.map(([id, variables]) =>
      component(id, variables, id === symmetric?.[0] ? symmetry : undefined),
    ),
    start: [],
    view: (read) => viewed(Object.keys(components), read) as States,
  })
  if (!symmetric) return isRight(made())
  const [of, { symmetric: declared }] = symmetric
  const folded = (): Folded => {
    const symmetry = new Symmetry(declared!)
    return {
      system: isRight(made(symmetry)),
      component: of,
      symmetry,
      stateOf: (local) => (local as Local<object>).state,
    }
  }
  return isRight({ ...made(), folded })
}

/** Names and values: what a table says without its functions. */
const describe = ([id, variables]: readonly [string, Variables<any>]): unknown => [
  id,
  variables.start,
  commandsOf(variables).map(messageOf),
  Object.keys(variables.receives ?? {}),
]

/** The variables; `begins`: the first step, which says what they are at the start, is still to be taken. */
interface Local<State> {
  readonly begins?: true
  readonly state: State
}

/** Before the start, properties see the first of the states that it may lead to: what they say of it is true. */
const initialOf = <State extends object>(
  start: Variables<State>['start'],
  folded: (state: State) => State,
): Local<State> => deepFreeze(isList(start) ? { begins: true, state: folded(start[0]!) } : { state: folded(start) })

const isList = <State>(start: State | readonly State[]): start is readonly State[] => Array.isArray(start)

/** Each component is read when it is asked for. */
function viewed(ids: readonly string[], read: (id: string) => unknown): object {
  const view = {}
  for (const id of ids)
    Object.defineProperty(view, id, { get: () => (read(id) as Local<object>).state, enumerable: true })
  return view
}

/** A command, or what is done with a message; where it stands in the table, as errors say it. */
interface Rule<State> {
  readonly command: Command<State, [message: Message]>
  readonly place: string
  /** The message that it answers. Of a command it is what the process gives, as an offer from outside. */
  readonly from: string
  readonly type: string
}

/** The commands of all processes. */
const commandsOf = <State extends object>({ processes = {} }: Variables<State>): readonly Rule<State>[] =>
  Object.entries(processes).flatMap(([from, named]) =>
    Object.entries(named).map(([type, command]) => ({ from, type, command, place: pathOf(['processes', from, type]) })),
  )

/** Those that choose where to begin. */
const startsOf = <State extends object>({ start }: Variables<State>): readonly Rule<State>[] =>
  !isList(start)
    ? []
    : start.map((state, index) => ({
        from: 'start',
        type: String(index),
        command: { do: () => state },
        place: pathOf(['start', index]),
      }))

const byName = <State>(rules: readonly Rule<State>[]): ReadonlyMap<string, Rule<State>> =>
  new Map(rules.map((rule) => [nameOf(rule), rule]))

const messageOf = ({ from, type }: Rule<any>): Message => ({ from, type })

/** Frozen all the way down, so that what was said of it once remains true: the checker asks again and again. */
const keys = new WeakMap<object, string>()

function keyOf(local: object): string {
  const known = keys.get(local) ?? canonical(local)
  keys.set(local, known)
  return known
}

/** With a symmetry, each state is the one that stands for all that it could be by other names. */
function component<State extends object>(
  id: string,
  variables: Variables<State>,
  symmetry?: Symmetry,
): Component<Local<State>> {
  const { receives = {}, mayEnd = false } = variables
  const starts = byName(startsOf(variables))
  const commands = byName(commandsOf(variables))
  const folded = (state: State): State => symmetry?.canonical(state).state ?? state
  const initial = initialOf(variables.start, folded)
  const answers = answersOf<State>(Object.keys(initial.state))
  const received = new Map(
    Object.entries(receives).map(([type, command]) => [type, { command, place: pathOf(['receives', type]) }] as const),
  )
  /** Before the start, nothing else is done. Undefined: nothing is known of such messages. */
  const ruleFor = ({ begins }: Local<State>, message: Message) =>
    begins ? starts.get(nameOf(message)) : (commands.get(nameOf(message)) ?? received.get(message.type))
  const isPossible = (
    { command: { when }, place }: Pick<Rule<State>, 'command' | 'place'>,
    state: State,
    message: Message,
  ) => when === undefined || ask(`${id}.${place}.when`, when, answers.when, state, message)
  /** What a rule does, or undefined where it may not. */
  const behind = (rule: Pick<Rule<State>, 'command' | 'place'>, state: State, message: Message) => {
    if (!isPossible(rule, state, message)) return undefined
    const { do: change, sends = () => [] } = rule.command
    const changed = ask(`${id}.${rule.place}.do`, change, answers.do, state, message)
    return {
      state: { ...state, ...changed },
      said: ask(`${id}.${rule.place}.sends`, sends, answers.sends, state, message),
    }
  }
  const mayEndIn = (state: State): boolean =>
    typeof mayEnd === 'function' ? ask(`${id}.mayEnd`, mayEnd, answers.when, state) : mayEnd
  const test = symmetry && new SymmetryTest<State>(symmetry, { commands, behind, mayEnd: mayEndIn })
  return {
    id,
    initial,
    offers: (local) => {
      const { begins, state } = local
      if (!begins) test?.offers(state)
      return [...(begins ? starts : commands).values()]
        .filter((rule) => isPossible(rule, state, messageOf(rule)))
        .map(messageOf)
    },
    accepts: (local, message) => {
      const rule = ruleFor(local, message)
      if (rule && !('type' in rule)) test?.hears(rule, local.state, message)
      return rule === undefined ? local.begins === undefined : isPossible(rule, local.state, message)
    },
    receive: (local, message): Outcome<Local<State>> => {
      const rule = ruleFor(local, message)
      if (rule === undefined) return { local, sends: [], findings: [], notes: [], ignored: true }
      const { state } = local
      const { do: change, sends = () => [] } = rule.command
      const changed = ask(`${id}.${rule.place}.do`, change, answers.do, state, message)
      const said = ask(`${id}.${rule.place}.sends`, sends, answers.sends, state, message)
      return {
        local: deepFreeze({ state: folded({ ...state, ...changed }) }),
        sends: said.map(({ to, ...rest }) => ({ to, message: { ...rest, from: id } })),
        findings: [],
        notes: [],
        ignored: false,
      }
    },
    hears: (from) => {
      const own = [...starts.values(), ...commands.values()].filter((rule) => rule.from === from)
      return own.length > 0 ? own.map(({ type }) => type) : [...received.keys()]
    },
    key: keyOf,
    show: ({ begins, state }) => ({
      state: begins ? 'before the start' : 'running',
      data: Object.fromEntries(Object.entries(state)),
    }),
    waits: ({ state }) => !mayEndIn(state),
  }
}

const nameOf = ({ from, type }: Pick<Message, 'from' | 'type'>): string => `${from}\n${type}`

/** What a function of the table answers; a ModelError that says which one (`where`) when it fails or answers what it cannot. */
function ask<Given extends readonly unknown[], Answer>(
  where: string,
  asked: (...given: Given) => Answer,
  shape: Shape<Answer>,
  ...given: Given
): Answer {
  let answer: Answer
  try {
    answer = asked(...given)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const about = [['asked about', brief(given[0])]] as const
    throw new ModelError('bad-component', `${where} failed: ${why}`, about, undefined, { cause })
  }
  const [problem] = problemsIn(shape, answer)
  if (problem === undefined) return answer
  throw new ModelError(
    'bad-component',
    `${where} answers what it cannot.`,
    [
      ['answered', shown(answer)],
      ...(problem.path === '' ? [] : [['where', faultIn(problem)] as const]),
      ['expected', problem.expected],
    ],
    answer === undefined ? 'An arrow function answers a record that is in parentheses: `() => ({ x: 1 })`.' : undefined,
  )
}
