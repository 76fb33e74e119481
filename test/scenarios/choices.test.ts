/** What can be chosen: defaults, what goes only with what, forms side by side, and the searches of a family's table. */
import { describe, expect, test } from 'vitest'
import { decided, formAmong, formOf, formsOf, headOf } from '../../scenarios/choices.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import { toScenario } from '../../scenarios/to-scenario.ts'
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

describe('names of one’s own', () => {
  const own = toScenario({
    name: 'own',
    options: {
      lock: { values: ['window', 'mutex'] },
      as: { values: ['posted', 'repaired'] },
      late: { values: ['yes', 'no'], only: { lock: ['window'] } },
      slow: { values: ['no', 'yes'], otherwise: 'as it comes' },
    },
    world: ({ lock, as: form, late, slow }) => {
      const told: readonly [lock: 'window' | 'mutex', as: 'posted' | 'repaired'] = [lock, form]
      const perhaps: readonly ('yes' | 'no' | undefined)[] = [late, slow]
      throw new Error([...told, ...perhaps].join())
    },
    expected: [{ lock: 'mutex', late: 'no', findings: [], states: 1 }],
  })

  test('come behind ours in an address, as they are listed, and each of their values is a form', () => {
    expect(Object.entries(decided(own.choices, { slow: 'yes', late: 'no', lock: 'window', as: 'repaired' }))).toEqual([
      ...[['as', 'repaired'] as const, ['lock', 'window'] as const],
      ...[['late', 'no'] as const, ['slow', 'yes'] as const, ['tasks', 1] as const],
    ])
    expect(own.choices.default).toEqual({ as: 'posted', lock: 'window', late: 'yes', tasks: 1 })
    expect(decided(own.choices, { lock: 'mutex', late: 'no' })).toEqual({ as: 'posted', lock: 'mutex', tasks: 1 })
  })

  test('may depend on each other in any order', () => {
    const options = {
      as: { values: ['posted', 'repaired'], only: { driver: ['all'] } },
      driver: { values: ['all', 'one'] },
    } as const
    const { choices } = toScenario({ name: 'any-order', options, world })
    expect(Object.entries(decided(choices, { as: 'repaired' }))).toEqual([
      ...[['as', 'repaired'] as const, ['driver', 'all'] as const, ['tasks', 1] as const],
    ])
    expect(decided(choices, { as: 'repaired', driver: 'one' })).toEqual({ driver: 'one', tasks: 1 })
    expect(formsOf({ choices }).map((form) => formAmong(options, form))).toEqual(['all', 'repaired all', 'one'])
  })

  test('reach the world', () => {
    expect(() => own.world(own.choices.default)).toThrow('window,posted,yes,')
  })

  test('name forms by their values, and by themselves where two have the same', () => {
    const forms = formsOf(own, { as: 'posted' }).map((form) => formAmong(own.choices.options, form))
    expect(forms).toEqual([
      ...['window late=yes', 'window late=yes slow=no', 'window late=yes slow=yes'],
      ...['window late=no', 'window late=no slow=no', 'window late=no slow=yes'],
      ...['mutex', 'mutex slow=no', 'mutex slow=yes'],
    ])
    expect(headOf(own.choices.options)).toBe('form')
    expect(headOf({ lock: { values: ['window', 'mutex'] } })).toBe('lock')
    expect(headOf({ lock: { values: ['window', 'mutex'] }, profile: { values: ['6.1'] } })).toBe('protocol')
  })

  test('go without saying only beside something that is said', () => {
    const options = { as: { values: ['posted', 'repaired'] } } as const
    const posted = toScenario({ name: 'posted', options, world })
    expect(formsOf(posted).map(formOf)).toEqual(['posted', 'repaired'])
  })

  test.each([
    ['a b', { values: ['x'] }, 'options["a b"] cannot be the name of a choice.'],
    ['states', { values: ['x'] }, 'options.states cannot be the name of a choice.'],
    ['lock', { values: [] }, 'options.lock.values is empty.'],
    ['lock', { values: ['x', 'y,z'] }, 'options.lock.values[1] cannot be "y,z".'],
    ['lock', { values: [1] as never[] }, 'options.lock.values[0] cannot be 1.'],
  ])('%s: %o cannot stand in an address', (name, option, fact) => {
    expect(() => toScenario({ name: 'own', options: { [name]: option }, world })).toThrow(`toScenario(): ${fact}`)
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

test('worlds are told apart by 48 bits, so that no change is likely to keep an old address valid', () => {
  const prints = scenarios
    .filter(({ mutantOf }) => mutantOf === undefined)
    .slice(0, 8)
    .map(({ choices, system }) => system(choices.default).fingerprint)
  for (const print of prints) expect(print).toMatch(/^[0-9a-f]{12}$/)
  expect(new Set(prints).size).toBe(prints.length)
})
