/** What is handed in is what was meant, or is refused with its place, what was expected and what was probably meant. */
import { describe, expect, test } from 'vitest'
import { ModelError } from '../../explore/errors.ts'
import { insist, problemsIn } from '../../shapes/insist.ts'
import {
  byName,
  callable,
  either,
  flag,
  listOf,
  name,
  ofKind,
  oneOf,
  optional,
  partOf,
  record,
  such,
  whole,
  type Shape,
} from '../../shapes/shape.ts'

interface Driver {
  readonly driver: 'unpins-all' | 'mirrors'
  readonly pinned?: readonly number[]
  readonly careful?: boolean
}

interface Tasks {
  readonly least: number
  readonly most: number
}

type Call = { readonly do: 'map'; readonly iova: number } | { readonly do: 'close'; readonly device: string }

interface World {
  readonly name?: string
  readonly devices: Readonly<Record<string, Driver>>
  readonly tasks?: Tasks
  readonly but?: Partial<Driver>
  readonly script?: readonly Call[] | (() => readonly Call[])
}

const drivers = ['unpins-all', 'mirrors'] as const
const driverFields = {
  driver: oneOf(drivers),
  pinned: optional(listOf('a list of pages', whole(0))),
  careful: optional(flag),
}
const driver = record<Driver>(driverFields)
const call = ofKind<Call, 'do'>(
  'do',
  {
    map: record<Extract<Call, { do: 'map' }>>({ do: oneOf(['map']), iova: whole(0) }),
    close: record<Extract<Call, { do: 'close' }>>({ do: oneOf(['close']), device: name('a device') }),
  },
  'a call',
)
const script = listOf('a list of calls', call)
const world = record<World>({
  name: optional(name()),
  devices: byName('devices by name', driver),
  tasks: optional(
    such(record<Tasks>({ least: whole(1, 8), most: whole(1, 8) }), ({ least, most }) =>
      least <= most ? undefined : { at: ['most'], expected: `a whole number from ${least} to 8` },
    ),
  ),
  but: optional(partOf<Driver>(driverFields)),
  script: optional(
    either<NonNullable<World['script']>>('calls, or a function that tells them', (given) =>
      typeof given === 'function' ? callable<() => readonly Call[]>() : script,
    ),
  ),
})

const right: World = { devices: { mdev0: { driver: 'mirrors', pinned: [1] } } }
const saying = (given: unknown): string => {
  try {
    insist(world, given, 'world()')
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError)
    return (error as Error).message
  }
}
const withDriver = (mdev0: object) => ({ devices: { mdev0 } })

describe('what fits is accepted', () => {
  const fitting: readonly (readonly [string, unknown])[] = [
    ['as it is', right],
    ['with nothing in place of what may be left out', { ...right, name: undefined, tasks: undefined }],
    ['without a prototype', Object.assign(Object.create(null), right)],
    ['with a list', { ...right, script: [{ do: 'map', iova: 0 }] }],
    ['with a function', { ...right, script: () => [] }],
    ['with a part', { ...right, but: { careful: false } }],
  ]
  test.each(fitting)('%s', (_, given) => expect(saying(given)).toBe('accepted'))
})

describe('what does not fit is refused with its place', () => {
  class Other {
    devices = {}
  }
  const refused: readonly (readonly [string, unknown, string, string])[] = [
    ['nothing', undefined, 'world() cannot be given undefined.', '{ name, devices, tasks, but, script }'],
    ['a number', 42, 'world() cannot be given 42.', '{ name, devices,'],
    ['a list', [], 'world() cannot be given [].', '{ name, devices,'],
    ['a promise', Promise.resolve(right), 'world() cannot be given a Promise.', '{ name, devices,'],
    ['an object of a class', new Other(), 'world() cannot be given Other', '{ name, devices,'],
    ['a Map', { devices: new Map() }, 'world(): devices cannot be Map(0) {}.', 'devices by name'],
    ['what is not there', {}, 'world(): devices is missing.', 'devices by name'],
    [
      'a misspelt field before what is missing for it',
      { devcies: {} },
      'world(): devcies is not known. Did you mean "devices"?',
      'name, devices, tasks, but, script',
    ],
    [
      'a misspelt field far inside',
      withDriver({ driver: 'mirrors', pined: [1] }),
      'world(): devices.mdev0.pined is not known. Did you mean "pinned"?',
      'driver, pinned, careful',
    ],
    [
      'a field that every object has',
      withDriver({ driver: 'mirrors', constructor: 1 }),
      'world(): devices.mdev0.constructor is not known.',
      'driver, pinned, careful',
    ],
    [
      'a name that every object has',
      { devices: { constructor: {} } },
      'world(): devices.constructor is not known.',
      '',
    ],
    ['an empty name', { devices: { '': right.devices['mdev0'] } }, 'world(): devices[""] is not known.', ''],
    [
      'a misspelt word',
      withDriver({ driver: 'mirors' }),
      'world(): devices.mdev0.driver cannot be "mirors". Did you mean "mirrors"?',
      'one of unpins-all, mirrors',
    ],
    [
      'text for a number',
      withDriver({ driver: 'mirrors', pinned: [1, '0x1000'] }),
      'world(): devices.mdev0.pinned[1] cannot be "0x1000".',
      'a whole number of 0 or more',
    ],
    ['no number', withDriver({ driver: 'mirrors', pinned: [NaN] }), 'pinned[0] cannot be NaN.', 'a whole number'],
    ['a fraction', withDriver({ driver: 'mirrors', pinned: [0.5] }), 'pinned[0] cannot be 0.5.', 'a whole number'],
    [
      'out of range',
      { ...right, tasks: { least: 0, most: 1 } },
      'world(): tasks.least cannot be 0.',
      'a whole number from 1 to 8',
    ],
    [
      'two that contradict each other',
      { ...right, tasks: { least: 3, most: 1 } },
      'world(): tasks.most cannot be 1.',
      'a whole number from 3 to 8',
    ],
    ['nothing where a part is changed', { ...right, but: { driver: undefined } }, 'but.driver is missing.', 'one of'],
    [
      'a kind that does not exist',
      { ...right, script: [{ do: 'mpa', iova: 0 }] },
      'world(): script[0].do cannot be "mpa". Did you mean "map"?',
      'one of map, close',
    ],
    ['no kind', { ...right, script: [{ call: 'map' }] }, 'world(): script[0].do is missing.', ''],
    ['nothing in a list', { ...right, script: [null] }, 'world(): script[0] cannot be null.', 'a call'],
    [
      'a field of another kind',
      { ...right, script: [{ do: 'close', device: 'mdev0', iova: 0 }] },
      'world(): script[0].iova is not known.',
      'do, device',
    ],
    ['an unusual name', { devices: { 'a b': { driver: 1 } } }, 'world(): devices["a b"].driver cannot be 1.', ''],
  ]
  test.each(refused)('%s', (_, given, fact, expected) => {
    expect(saying(given)).toContain(fact)
    expect(saying(given)).toContain(`expected ${expected}`)
  })

  test('several at once: one is told, the others are named', () => {
    const said = saying({
      devices: { mdev0: { driver: 'x' }, mdev1: { driver: 'mirrors', pinned: 1 }, mdev2: {} },
      nmae: 1,
    })
    expect(said.split('\n')).toEqual([
      'world(): nmae is not known. Did you mean "name"?',
      '',
      '  expected name, devices, tasks, but, script',
      '  found    1',
      '  also     devices.mdev0.driver cannot be "x"',
      '           devices.mdev1.pinned cannot be 1',
      '           devices.mdev2.driver is missing',
      '  Write "name" instead of "nmae".',
    ])
  })

  test('what is large or goes round is told in a line', () => {
    const round: { self?: unknown } = {}
    round.self = round
    for (const found of [round, Array(1e6).fill(1), 'x'.repeat(1e6), { deep: { deep: { deep: {} } } }, 10n ** 300n]) {
      const [{ path } = { path: '' }] = problemsIn(world, { devices: found })
      expect(path).toMatch(/^devices/)
      expect(saying({ devices: found }).split('\n')[0]!.length).toBeLessThan(160)
    }
  })
})

// What follows is looked at by the compiler alone: each line marked would compile if shape and type could part.
describe('a shape is exactly of its type', () => {
  test('a field that was forgotten, one too many, and what may be left out', () => {
    // @ts-expect-error -- `careful` is forgotten
    record<Driver>({ driver: oneOf(drivers), pinned: driverFields.pinned })
    // @ts-expect-error -- `extra` is one too many
    record<Driver>({ ...driverFields, extra: flag })
    // @ts-expect-error -- `careful` may be left out
    record<Driver>({ ...driverFields, careful: flag })
    // @ts-expect-error -- `driver` may not
    record<Driver>({ ...driverFields, driver: optional(oneOf(drivers)) })
    expect(true).toBe(true)
  })

  test('a word too few, one too many, another kind of value', () => {
    // @ts-expect-error -- `mirrors` is forgotten
    record<Driver>({ ...driverFields, driver: oneOf(['unpins-all']) })
    // @ts-expect-error -- `sleeps` is one too many
    record<Driver>({ ...driverFields, driver: oneOf([...drivers, 'sleeps']) })
    // @ts-expect-error -- numbers, not names
    record<Driver>({ ...driverFields, pinned: optional(listOf('a list', name())) })
    // @ts-expect-error -- of another record
    const other: Shape<Tasks> = driver
    expect(other).toBe(driver)
  })

  test('a kind of record that was forgotten', () => {
    // @ts-expect-error -- `close` is forgotten
    ofKind<Call, 'do'>('do', { map: record<Extract<Call, { do: 'map' }>>({ do: oneOf(['map']), iova: whole(0) }) }, '')
    expect(true).toBe(true)
  })
})
