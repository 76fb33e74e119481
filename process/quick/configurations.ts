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
  /** The same, with whatever context is looked at. */
  readonly shown: { -readonly [Field in keyof MachineSnapshot]: MachineSnapshot[Field] }
  /** What properties look at in it. */
  view?: ActorsView
  /** Who waits for what cannot come: whatever comes, and if nothing of what users send is handled. */
  readonly isStuck: readonly string[]
  readonly waits: readonly string[]
  /** What was handled there last, of what users send; -1: nothing yet. */
  handled: number
  /** By what was sent. */
  readonly ways: (Way | undefined)[]
  /** Steps that set nothing off, by what was sent, and whether it is counted. */
  readonly ignored: NumberedStep[]
  /** By number of the names in the context. */
  readonly stays: Stays[]
}

export class Configurations {
  readonly #machine: AnyStateMachine
  readonly #traced: Traced
  readonly #nodes: ReadonlyMap<number, Node>
  /** Who is in them, and what he is called. */
  readonly #root: Live
  readonly #names: ReadonlyMap<Live, string>
  readonly #listens: Listens
  readonly #made: Configuration[] = []
  readonly #keys = new Map<string, number>()
  readonly #outputs = new Numbers()

  constructor(
    machine: AnyStateMachine,
    traced: Traced,
    root: Live,
    names: ReadonlyMap<Live, string>,
    listens: Listens,
  ) {
    this.#machine = machine
    this.#traced = traced
    this.#root = root
    this.#names = names
    this.#listens = listens
    this.#nodes = nodesByOrder(machine)
  }

  at(number: number): Configuration {
    return this.#made[number]!
  }

  /** Number of that of a snapshot of the machine itself. */
  ofOriginal(snapshot: MachineSnapshot): number {
    const copies = nodesByOrder(this.#traced.machine)
    return this.of(withNodes(snapshot, this.#traced.machine, (node) => copies.get(node.order)!))
  }

  /** Of a snapshot of the traced machine. Throws NotNumbered where the output is not plain. */
  of(snapshot: MachineSnapshot): number {
    const key = this.keyOf(snapshot)
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const original = withNodes(snapshot, this.#machine, (node) => this.#nodes.get(node.order)!)
    this.#root._snapshot = original
    const who = { root: this.#root, names: this.#names, isAlive: () => true, listens: this.#listens }
    const around = { ...who, timers: [], flying: [], sent: [] }
    const made: Configuration = {
      key,
      traced: snapshot,
      original,
      shown: { ...original },
      isStuck: stuckIn({ ...around, mayCome: true }),
      waits: stuckIn({ ...around, mayCome: false }),
      handled: -1,
      ways: [],
      ignored: [],
      stays: [],
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
