/** Statecharts as a run is told beside them: plain data, by the order of their states. */
import type { AnyStateMachine } from 'xstate'
import type { ChartState, ChartStep } from '../explore/runs/trace.ts'
import { eventNamed, eventWords, nodesOf, type ChartNode } from './coverage.ts'
import type { MachineSnapshot, Node, Transition } from './inside.ts'

const waysOf = ({ transitions, always = [] }: Node): readonly Transition[] => [
  ...[...transitions.values()].flat(),
  ...always,
]

const nodesOfMachine = (machine: AnyStateMachine): readonly ChartNode[] => nodesOf(machine.root as unknown as ChartNode)

/** A function that was given no name is called by the field that it was written into. */
const guardName = (guard: unknown): string =>
  typeof guard === 'string'
    ? guard
    : ((guard as { type?: string; name?: string }).type ?? (guard as { name?: string }).name ?? '')

export const chartOf = (machine: AnyStateMachine): readonly ChartState[] =>
  nodesOfMachine(machine).map((node) => ({
    path: node.path,
    ways: waysOf(node).map(({ eventType, source, target = [], guard }) => ({
      on: eventType === '' ? 'always' : eventWords(eventType, source),
      ...(guard !== undefined && { guard: guardName(guard) || 'guard' }),
      to: (target as readonly ChartNode[]).map(({ path }) => path.join('.')),
    })),
  }))

const leaves = ({ _nodes }: MachineSnapshot): readonly number[] =>
  _nodes.flatMap(({ type, order }) => (type === 'atomic' || type === 'final' ? [order] : []))

/** Which way one went, by what came, from the one snapshot to the other. */
export const chartStep = (
  event: string,
  before: MachineSnapshot,
  after: MachineSnapshot,
  transitions: readonly Transition[],
  fellThrough: boolean,
): ChartStep => {
  const nodes = nodesOfMachine(before.machine)
  return {
    on: eventNamed(event, before.machine),
    before: leaves(before),
    after: leaves(after),
    taken: transitions.map((each) => [each.source.order, waysOf(nodes[each.source.order]!).indexOf(each)] as const),
    ...(fellThrough && { fellThrough }),
  }
}
