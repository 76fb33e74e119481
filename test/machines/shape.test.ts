/** What every chart must look like, whatever it does: names everywhere, and no state that nothing leads to. */
import { describe, expect, test } from 'vitest'
import { initialTransition, type AnyStateMachine, type AnyStateNode } from 'xstate'
import { catalogue } from '../../machines/catalogue.ts'
import type { Defers } from '../../machines/kernel/defers.ts'

interface Named {
  readonly actions: readonly unknown[]
  readonly guards: readonly unknown[]
}

const nodes = (node: AnyStateNode): readonly AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodes)]
const transitions = (node: AnyStateNode) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
/** Guards that say how long something is deferred. */
const asked = ({ meta }: AnyStateNode): readonly string[] =>
  ((meta as { readonly defers?: Defers } | undefined)?.defers ?? []).flatMap((each) =>
    typeof each === 'string' ? [] : [each.unless],
  )
const used = (machine: AnyStateMachine): Named => {
  const all = nodes(machine.root)
  const each = all.flatMap(transitions)
  return {
    actions: [...all.flatMap((node) => [...node.entry, ...node.exit]), ...each.flatMap(({ actions }) => actions)],
    guards: [...each.flatMap(({ guard }) => (guard === undefined ? [] : [guard])), ...all.flatMap(asked)],
  }
}
const nameOf = (one: unknown): unknown => (typeof one === 'object' && one !== null && 'type' in one ? one.type : one)

describe.each(Object.entries(catalogue))('%s', (_, machine) => {
  test('every action and guard has a name, and every name is used', () => {
    const { actions, guards } = used(machine)
    expect([...new Set(actions.map(nameOf))].sort()).toEqual(Object.keys(machine.implementations.actions).sort())
    expect([...new Set(guards.map(nameOf))].sort()).toEqual(Object.keys(machine.implementations.guards).sort())
    expect(JSON.stringify(machine.definition)).not.toMatch(
      /"(actions|entry|exit)":\[[^\]]*(null|\(anonymous\)|xstate\.)/,
    )
  })

  test('every state is the target of something', () => {
    const all = nodes(machine.root).filter((node) => node !== machine.root)
    const targets = new Set(
      nodes(machine.root)
        .flatMap(transitions)
        .flatMap(({ target }) => target ?? []),
    )
    expect(
      all.filter((node) => !targets.has(node) && node !== machine.root.initial.target[0]).map(({ key }) => key),
    ).toEqual([])
  })

  test('it has no timers, children or parallel states, and says nothing until it hears something', () => {
    for (const node of nodes(machine.root)) {
      expect(node.type).not.toBe('parallel')
      expect([...node.after, ...node.invoke]).toEqual([])
    }
    expect(machine.root.initial.target[0]!.entry).toEqual([])
    const at = { lock: 'I', type1: 'type1' }
    expect(initialTransition(machine, { id: 'x', task: 't1', era: 'v13', v2: true, at } as never)[1]).toEqual([])
  })
})
