/** Configurations of a machine by itself, by number: what is true of them whatever the context is. */
import type { AnyStateMachine } from 'xstate'
import { NotNumbered, type NumberedStep } from '../../explore/breadth/numbered.ts'
import { nodesOf, type ChartNode } from '../coverage.ts'
import type { Live, MachineSnapshot, Node } from '../inside.ts'
import { stuckIn, type Listens } from '../stuck.ts'
import type { ActorsView } from '../view.ts'
import { Numbers } from './numbers.ts'
import type { Way } from './paths.ts'
import type { Stays } from './stays.ts'
import type { Traced } from './traced.ts'

export interface Configuration {
  readonly key: string
  /** With the nodes of the traced machine, and with those of the machine itself. */
  readonly traced: MachineSnapshot
  readonly original: MachineSnapshot
  readonly isOver: boolean
  /** The same, with whatever context is looked at. */
  readonly shown: { -readonly [Field in keyof MachineSnapshot]: MachineSnapshot[Field] }
  /** What properties look at in it. */
  readonly view: ActorsView
  /** Who waits for what cannot come: whatever comes, and if nothing of what users send is handled. */
  readonly isStuck: readonly string[]
  /** Nobody, once something is known to be handled there whatever the context is. */
  waits: readonly string[]
  /** What was handled there last, of what users send; -1: nothing yet. */
  handled: number
  /** By what was sent. */
  readonly ways: (Way | undefined)[]
  /** Steps that set nothing off, by what was sent, and whether it is counted. */
  readonly ignored: (NumberedStep | undefined)[]
  /** By number of the names in the context. */
  readonly stays: (Stays | undefined)[]
}

interface Around {
  readonly machine: AnyStateMachine
  readonly traced: Traced
  /** Who is in them, and what he is called. */
  readonly root: Live
  readonly names: ReadonlyMap<Live, string>
  readonly listens: Listens
  /** So many may be sent. */
  readonly events: number
  readonly viewOf: (shown: MachineSnapshot) => ActorsView
  readonly staysOf: () => Stays
  /** How many sets of names contexts have had so far. */
  readonly shapes: () => number
}

/** Most contexts have their fields from the start. Whatever V8 is to read in one way has room for what comes. */
const fewShapes = 16

export class Configurations {
  readonly #around: Around
  readonly #nodes: ReadonlyMap<number, Node>
  readonly #made: Configuration[] = []
  readonly #keys = new Map<string, number>()
  readonly #outputs = new Numbers()

  constructor(around: Around) {
    this.#around = around
    this.#nodes = nodesByOrder(around.machine)
  }

  at(number: number): Configuration {
    return this.#made[number]!
  }

  /** Number of that of a snapshot of the machine itself. */
  ofOriginal(snapshot: MachineSnapshot): number {
    const { machine } = this.#around.traced
    const copies = nodesByOrder(machine)
    return this.of(withNodes(snapshot, machine, (node) => copies.get(node.order)!))
  }

  /** Of a snapshot of the traced machine. Throws NotNumbered where the output is not plain. */
  of(snapshot: MachineSnapshot): number {
    const key = this.keyOf(snapshot)
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const { machine, root, names, listens, events, viewOf, staysOf, shapes } = this.#around
    const original = withNodes(snapshot, machine, (node) => this.#nodes.get(node.order)!)
    root._snapshot = original
    const around = { root, names, isAlive: () => true, listens, timers: [], flying: [], sent: () => [] }
    // Not spread: of which kind it is then depends on how often that was done before.
    const shown = Object.assign({}, original)
    const made: Configuration = {
      key,
      traced: snapshot,
      isOver: snapshot.status !== 'active',
      original,
      shown,
      view: viewOf(shown),
      isStuck: listed(stuckIn({ ...around, mayCome: () => true })),
      waits: listed(stuckIn({ ...around, mayCome: () => false })),
      handled: -1,
      ways: Array.from({ length: events }, () => undefined),
      ignored: Array.from({ length: 2 * events }, () => undefined),
      stays: Array.from({ length: fewShapes }, (_, shape) => (shape < shapes() ? staysOf() : undefined)),
    }
    this.#keys.set(key, this.#made.length)
    return this.#made.push(made) - 1
  }

  keyOf({ status, output, _nodes, historyValue, children }: MachineSnapshot): string {
    if (Object.keys(children).length > 0) throw new NotNumbered()
    const history = Object.keys(historyValue)
      .sort()
      .map((name) => `${name}:${historyValue[name]!.map(({ id }) => id).join()}`)
    return `${status} ${_nodes.map(({ order }) => order).join()} [${history.join()}] ${this.#outputs.of(output)}`
  }
}

/** The same list, of the kind that V8 has for lists of texts though there be none in it: what it has compiled for one of them does for all. */
export const listed = (titles: readonly string[]): readonly string[] => ['', ...titles].slice(1)

const nodesByOrder = (machine: AnyStateMachine): ReadonlyMap<number, Node> =>
  new Map(nodesOf(machine.root as unknown as ChartNode).map((node) => [node.order, node]))

/** The same with the nodes of another copy of the machine. */
const withNodes = (
  snapshot: MachineSnapshot,
  machine: AnyStateMachine,
  other: (node: Node) => Node,
): MachineSnapshot => ({
  ...snapshot,
  machine,
  _nodes: snapshot._nodes.map(other),
  historyValue: Object.fromEntries(
    Object.entries(snapshot.historyValue).map(([name, nodes]) => [name, nodes.map((node) => other(node as Node))]),
  ),
})
