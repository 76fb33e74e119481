/** What every chart must look like, whatever it does: names everywhere, and no state that nothing leads to. */
import { describe, expect, test } from 'vitest'
import { initialTransition, type AnyStateMachine, type AnyStateNode } from 'xstate'
import { devices as deviceList } from '../../machines/iommu/devices.ts'
import { map } from '../../machines/iommu/map.ts'
import { notifyDevices } from '../../machines/iommu/notify-devices.ts'
import { pin } from '../../machines/iommu/pin.ts'
import { type1 } from '../../machines/iommu/type1.ts'
import { deviceListUnmap } from '../../machines/iommu/unmap/device-list.ts'
import { perMapping } from '../../machines/iommu/unmap/per-mapping.ts'
import { perRequest } from '../../machines/iommu/unmap/per-request.ts'
import { restart } from '../../machines/iommu/unmap/restart.ts'
import { underLock } from '../../machines/iommu/unmap/under-lock.ts'
import { unpin } from '../../machines/iommu/unpin.ts'
import { mutex } from '../../machines/kernel/mutex.ts'
import { notifierCallChain } from '../../machines/kernel/notifier-call-chain.ts'
import { notifierChain } from '../../machines/kernel/notifier-chain.ts'
import { rwsem } from '../../machines/kernel/rwsem.ts'

const charts: readonly AnyStateMachine[] = [
  mutex,
  rwsem,
  notifierChain,
  notifierCallChain,
  deviceList,
  type1,
  notifyDevices,
  map,
  pin,
  unpin,
  underLock,
  perMapping,
  perRequest,
  restart,
  deviceListUnmap,
]

interface Named {
  readonly actions: readonly unknown[]
  readonly guards: readonly unknown[]
}

const nodes = (node: AnyStateNode): readonly AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodes)]
const transitions = (node: AnyStateNode) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
const used = (machine: AnyStateMachine): Named => {
  const all = nodes(machine.root)
  const each = all.flatMap(transitions)
  return {
    actions: [...all.flatMap((node) => [...node.entry, ...node.exit]), ...each.flatMap(({ actions }) => actions)],
    guards: each.flatMap(({ guard }) => (guard === undefined ? [] : [guard])),
  }
}
const nameOf = (one: unknown): unknown => (typeof one === 'object' && one !== null && 'type' in one ? one.type : one)

describe.each(charts.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
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
