/** What can be chosen: defaults, what goes only with what, forms side by side, and the searches of a family's table. */
import { describe, expect, test } from 'vitest'
import { decided, formOf, formsOf } from '../../scenarios/choices.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { toScenario, type Scenario } from '../../scenarios/scenario.ts'
import { searchesOf, tableOf } from '../../scenarios/table.ts'

const world = (): never => {
  throw new Error('nobody looks at it')
}

const closedDevice = toScenario({
  name: 'closed-device',
  family: 'device-memory',
  options: {
    protocol: { values: ['none', 'vma-ops', 'dma-buf'] },
    as: { values: ['posted', 'repaired'], only: { protocol: ['vma-ops'] } },
    memory: { values: ['keep', 'unmap', 'revoke'], otherwise: 'as the protocol does' },
    platform: { values: ['logged', 'fatal'], byDefault: 'fatal' },
  },
  tasks: { least: 1, most: 3, byDefault: 2 },
  world,
})

describe('what is decided', () => {
  test.each([
    ['nothing', {}, { protocol: 'none', platform: 'fatal', tasks: 2 }],
    ['a protocol', { protocol: 'vma-ops' }, { protocol: 'vma-ops', as: 'posted', platform: 'fatal', tasks: 2 }],
    ['a form that there is not for it', { as: 'repaired' }, { protocol: 'none', platform: 'fatal', tasks: 2 }],
    [
      'all of it, in some order',
      { tasks: 3, platform: 'logged', memory: 'keep', as: 'repaired', protocol: 'vma-ops' },
      { protocol: 'vma-ops', as: 'repaired', memory: 'keep', platform: 'logged', tasks: 3 },
    ],
  ] as const)('when %s is asked for', (_, asked, choices) => {
    // The order is that of addresses, so it counts.
    expect(Object.entries(decided(closedDevice.choices, asked))).toEqual(Object.entries(choices))
  })

  test('of a built-in story is as it was', () => {
    expect(findScenario('stale-dma')!.choices.default).toEqual({ unmap: 'per-mapping', tasks: 2 })
    expect(findScenario('two-containers')!.choices.default).toEqual({ profile: '4.10', tasks: 1 })
  })
})

describe('forms', () => {
  test('are protocols, kernels, and the same repaired; posted goes without saying', () => {
    expect(formsOf(closedDevice).map(formOf)).toEqual(['none', 'vma-ops', 'vma-ops repaired', 'dma-buf'])
    expect(formsOf(findScenario('two-containers')!).map(formOf)).toEqual(['4.10', '5.15', '6.1'])
  })

  test('are those that are asked for', () => {
    expect(formsOf(closedDevice, { as: 'repaired' }).map(formOf)).toEqual(['none', 'vma-ops repaired', 'dma-buf'])
    expect(formsOf(closedDevice, { protocol: 'dma-buf' }).map(formOf)).toEqual(['dma-buf'])
  })
})

describe('the table of a family', () => {
  const like = (name: string, values: readonly string[], more: Partial<Scenario> = {}): Scenario => ({
    ...toScenario({ name, family: 'device-memory', options: { protocol: { values } }, world }),
    ...more,
  })
  const family = [
    like('some', ['none', 'dma-buf']),
    closedDevice,
    like('one-more', ['none', 'vma-private', 'dma-buf']),
    like('some+mutant', ['dma-buf', 'other'], { mutantOf: 'some' }),
    toScenario({ name: 'on-linux', family: 'device-memory', options: { profile: { values: ['6.1'] } }, world }),
  ]

  test('has what most stories choose as its columns, each behind what it follows', () => {
    expect(tableOf('device-memory', family)).toMatchObject({
      by: 'protocol',
      columns: ['none', 'vma-private', 'vma-ops', 'dma-buf'],
      stories: [{ name: 'some' }, { name: 'closed-device' }, { name: 'one-more' }],
    })
  })

  test('is told by those that say so, if any does', () => {
    const picked = [...family, like('picked', ['vma-ops'], { inTable: true })]
    expect(tableOf('device-memory', picked)).toMatchObject({ columns: ['vma-ops'], stories: [{ name: 'picked' }] })
  })

  test('tells each story with what it can be told with', () => {
    const searches = searchesOf(tableOf('device-memory', family)!, { as: 'repaired', memory: 'keep', tasks: 3 })
    expect(searches.map(({ scenario, choices }) => [scenario.name, choices])).toEqual([
      ['some', { protocol: 'none', tasks: 1 }],
      ['some', { protocol: 'dma-buf', tasks: 1 }],
      ['closed-device', { protocol: 'none', memory: 'keep', platform: 'fatal', tasks: 3 }],
      ['closed-device', { protocol: 'vma-ops', as: 'repaired', memory: 'keep', platform: 'fatal', tasks: 3 }],
      ['closed-device', { protocol: 'dma-buf', memory: 'keep', platform: 'fatal', tasks: 3 }],
      ['one-more', { protocol: 'none', tasks: 1 }],
      ['one-more', { protocol: 'vma-private', tasks: 1 }],
      ['one-more', { protocol: 'dma-buf', tasks: 1 }],
    ])
  })

  test('may be of one protocol', () => {
    const searches = searchesOf(tableOf('device-memory', family)!, { protocol: 'vma-private' })
    expect(searches.map(({ scenario, column }) => `${scenario.name} ${column}`)).toEqual(['one-more vma-private'])
  })

  test('is there for each family that is built in, and no scenario has a name like it', () => {
    const families = [...new Set(scenarios.map((each) => each.family))]
    expect(families.filter((each) => findScenario(each))).toEqual([])
    expect(families.filter((each) => tableOf(each, scenarios) === undefined)).toEqual([])
  })
})
