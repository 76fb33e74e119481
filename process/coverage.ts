/** Which states were entered and which transitions were taken, of every machine that had an actor. */
import type { AnyStateMachine } from 'xstate'
import type { MachineCoverage } from '../explore/outcome/report.ts'
import type { MachineSnapshot, NamedAction, Node, Transition } from './inside.ts'
import { rootNameOf } from './names.ts'

interface Met {
  readonly nodes: Set<string>
  readonly transitions: Set<Transition>
}

export class Coverage {
  readonly #met = new Map<AnyStateMachine, Met>()

  meet({ machine, _nodes }: MachineSnapshot, transitions: readonly Transition[]): void {
    // What is left as soon as it begins XState does not tell.
    const met = this.#met.get(machine) ?? { nodes: new Set(begunIn(machine)), transitions: new Set<Transition>() }
    this.#met.set(machine, met)
    for (const { id } of _nodes) met.nodes.add(id)
    for (const each of transitions) met.transitions.add(each)
  }

  /** Machines that are made to end, and never do: in words. */
  neverFinal(): readonly string[] {
    return [...this.#met].flatMap(([machine, { nodes }]) => {
      const ends = Object.values((machine.root as unknown as ChartNode).states).filter(({ type }) => type === 'final')
      return ends.length === 0 || ends.some(({ id }) => nodes.has(id))
        ? []
        : [`${rootNameOf(machine)} never becomes final.`]
    })
  }

  /** Custom actions that nobody has given: XState leaves them out in silence. */
  unresolved(): readonly string[] {
    return [...this.#met.keys()].flatMap((machine) => {
      const { actions } = machine.implementations
      return [...new Set(nodesOf(machine.root as unknown as ChartNode).flatMap(calledIn))].flatMap((name) =>
        name in actions
          ? []
          : [
              `${rootNameOf(machine)} calls an action that nobody has given: ${name}. If it assigns or sends anything: machine.provide({ actions: { ${name}: … } }).`,
            ],
      )
    })
  }

  report(): readonly MachineCoverage[] {
    return [...this.#met].map(([machine, met]) => {
      const nodes = nodesOf(machine.root as unknown as ChartNode)
      const transitions = nodes.flatMap(({ transitions: own, always }) => [
        ...[...own.values()].flat(),
        ...(always ?? []),
      ])
      return {
        machine: rootNameOf(machine),
        states: nodes.length,
        transitions: transitions.length,
        unreached: nodes.flatMap(({ id, type }) => (type === 'history' || met.nodes.has(id) ? [] : [called(id)])),
        untaken: apart(transitions.map(worded)).filter((_, at) => !met.transitions.has(transitions[at]!)),
      }
    })
  }
}

/** Actions that a state calls by their names. */
const calledIn = ({ entry, exit, transitions, always = [] }: ChartNode): readonly string[] =>
  [...entry, ...exit, ...[...transitions.values(), always].flat().flatMap(({ actions }) => actions)].flatMap((action) =>
    typeof action === 'function' ? [] : [typeof action === 'string' ? action : action.type],
  )

/** States that an actor enters when it starts. */
const begunIn = ({ root }: AnyStateMachine): readonly string[] => {
  const entered = new Set<ChartNode>()
  const enter = (node: ChartNode): void => {
    for (let each: ChartNode | undefined = node; each; each = each.parent) entered.add(each)
    const inner = node.type === 'parallel' ? Object.values(node.states) : []
    for (const each of node.type === 'compound' ? node.initial!.target : inner) enter(each)
  }
  enter(root as unknown as ChartNode)
  return [...entered].map(({ id }) => id)
}

export interface ChartNode extends Node {
  readonly parent?: ChartNode | undefined
  readonly entry: readonly NamedAction[]
  readonly exit: readonly NamedAction[]
  readonly initial?: { readonly target: readonly ChartNode[] } | undefined
  readonly path: readonly string[]
  readonly tags: readonly string[]
  readonly states: Readonly<Record<string, ChartNode>>
}

export const nodesOf = (node: ChartNode): readonly ChartNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)]

/** A machine without an id is called in its states as it is elsewhere. */
const called = (state: string): string => state.replace(/^\(machine\)(?=\.|$)/, 'machine')

const worded = ({ source, eventType, target }: Transition): string => {
  const to = target?.map(({ id }) => called(id)).join(', ')
  return `${called(source.id)} on ${eventType === '' ? 'always' : eventWords(eventType, source)}${to === undefined ? '' : ` → ${to}`}`
}

/** Two that are told in the same words, with different guards or actions, are told apart by their places. */
const apart = (words: readonly string[]): readonly string[] =>
  words.map((each, at) => {
    const places = [...words.keys()].filter((other) => words[other] === each)
    return places.length === 1 ? each : `${each} (${places.indexOf(at) + 1} of ${places.length})`
  })

/** The same for people who know the machine: by whoever is invoked under this id. */
export const eventNamed = (type: string, machine: AnyStateMachine): string => {
  const nodes = nodesOf(machine.root as unknown as ChartNode)
  return eventWords(type, nodes.find(({ invoke }) => invoke.some(({ id }) => type.endsWith(`.${id}`))) ?? nodes[0]!)
}

/** XState's own types of events in words; an invocation without an id is called by its source. */
export const eventWords = (type: string, { invoke }: Node): string => {
  const [, what, of = ''] = /^xstate\.(after|done\.actor|error\.actor|done\.state|snapshot)\.(.*)$/s.exec(type) ?? []
  if (what === undefined) return type
  if (what === 'after') return `after ${of.split('.')[0]} ms`
  const src = invoke.find(({ id }) => id === of)?.src
  const isMade = /^\d+\./.test(of) && typeof src === 'string' && !src.startsWith('xstate.')
  return `${what.split('.')[0]} of ${isMade ? src : of}`
}
