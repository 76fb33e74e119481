/** A story has its order by whichever door it came in, and each search of it keeps to that. */
import { expect, test } from 'vitest'
import { bind, closeDevice, onDevices, onPasids, scenario, unmap, type Scenario } from '../../index.ts'
import { explore } from '../../explore/index.ts'
import { replay } from '../../explore/runs/replay.ts'
import type { System } from '../../explore/system.ts'
import { onLinux } from '../../scenarios/doors.ts'

type Orders = readonly (readonly string[])[]
type Door = (order?: Orders) => Scenario

const words = { source: '', why: '', expected: [] }

const doors: Readonly<
  Record<
    string,
    { readonly tell: Door; readonly first: string; readonly second: string; readonly steps: readonly [string, string] }
  >
> = {
  'scenario()': {
    tell: (order) =>
      scenario({
        name: 'ordered',
        describe: () => ({
          unmap: 'restart',
          containers: { container0: { groups: { group26: { devices: {} } } } },
          tasks: { a: [unmap(0, 0x1000)], b: [unmap(0, 0x1000)] },
        }),
        ...(order && { order }),
      }),
    first: 'a/unmap',
    second: 'b/unmap',
    steps: ['a/unmap → a RETURN', 'b → b/unmap CALL'],
  },
  'onDevices()': {
    tell: (order) =>
      onDevices({
        ...{ name: 'ordered', ...words, byDefault: 'none' as const, properties: [] },
        devices: { dev1: { container: 'container0' }, dev2: { container: 'container0' } },
        tasks: { a: [closeDevice('dev1')], b: [closeDevice('dev2')] },
        ...(order && { order }),
      })[0]!,
    first: 'a/dev1.close',
    second: 'b/dev2.close',
    steps: ['a/dev1.close → a RETURN', 'b → b/dev2.close CALL'],
  },
  'onPasids()': {
    tell: (order) =>
      onPasids({
        ...{ name: 'ordered', ...words, byDefault: 'rfc29' as const, properties: [] },
        tasks: { a: [bind('dev0')], b: [bind('dev0')] },
        ...(order && { order }),
      })[0]!,
    first: 'a/dev0.rfc29',
    second: 'b/dev0.rfc29',
    steps: ['a/dev0.rfc29 → a RETURN', 'b → b/dev0.rfc29 CALL'],
  },
  'onLinux()': {
    tell: (order) =>
      onLinux({
        ...{ name: 'ordered', ...words, profiles: ['6.1'] as const, properties: [] },
        before: [
          { op: 'open_container', as: 'c0' },
          { op: 'thread', as: 't1' },
        ],
        tasks: { p0: [{ op: 'close', fd: 'c0' }], t1: [{ op: 'get_api_version', fd: 'c0' }] },
        ...(order && { order }),
      })[0]!,
    first: 'p0.syscall → p0 RETURN',
    second: 't1 → t1.syscall CALL',
    steps: ['p0.syscall → p0 RETURN', 't1 → t1.syscall CALL'],
  },
}

const systemOf = ({ system, choices }: Scenario): System<any> => system(choices.default)

test.each(Object.entries(doors))(
  '%s: only runs in the order of a story are looked at',
  async (_, { tell, first, second, steps }) => {
    const [free, ordered] = [systemOf(tell()), systemOf(tell([[first, second]]))]
    const [all, some] = [await explore(free, [], { symmetry: false }), await explore(ordered, [], { symmetry: false })]
    expect(all.order).toBeUndefined()
    expect(some.order).toEqual([{ first: steps[0], second: steps[1], came: true, cut: false }])
    expect([all.exhaustive, some.exhaustive, some.states < all.states]).toEqual([true, true, true])
    const begun = `env → ${steps[1].split(' → ')[0]} START`
    expect(replay(free, [begun, steps[1]]).steps).toHaveLength(2)
    expect(() => replay(ordered, [begun, steps[1]])).toThrow('out of order')
  },
)

test.each(Object.entries(doors))('%s: an order that names nothing is refused, with its place', (_, { tell, first }) => {
  expect(() => systemOf(tell([[first, `${first}x`]]))).toThrow(/^order\[0\]\[1\]: .* Did you mean /)
  expect(() => systemOf(tell([[first]]))).toThrow('order[0] says of one step')
})
