/**
 * No field of any description can be misspelt, or hold a value of another kind, without an error that says where: tried on everything that the
 * built-in scenarios are described with, and on what is handed to the checker.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ModelError } from '../../explore/errors.ts'
import { searching } from '../../explore/index.ts'
import { decided, formsOf } from '../../scenarios/choices.ts'
import * as doors from '../../scenarios/doors.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import { toScenario } from '../../scenarios/to-scenario.ts'

type Told = readonly [by: string, given: object]

/** What each built-in scenario hands to whom, noted on its way. */
const { noted, noting } = vi.hoisted(() => {
  const noted: Told[] = []
  const noting =
    (by: string, name: string) =>
    async <Module extends Readonly<Record<string, unknown>>>(original: () => Promise<Module>): Promise<Module> => {
      const module = await original()
      const asked = module[name] as (given: object) => unknown
      return { ...module, [name]: (given: object) => (noted.push([by, given]), asked(given)) }
    }
  return { noted, noting }
})
vi.mock('../../actors/kernel/linux.ts', noting('linux()', 'linux'))
vi.mock('../../scenarios/unmap/drivers.ts', noting('linux()', 'drivers'))
vi.mock('../../scenarios/unmap/scenario.ts', noting('scenario()', 'withMutants'))
vi.mock('../../scenarios/device-memory/story.ts', noting('onDevices()', 'onDevices'))
vi.mock('../../scenarios/svm/story.ts', noting('onPasids()', 'onPasids'))
vi.mock('../../scenarios/system-calls/on-linux.ts', noting('onLinux()', 'onLinux'))

/** What a story describes is looked at when it is built, what it claims when it is asked. */
const built = (...scenarios: readonly Scenario[]): void => {
  for (const { world, properties, choices } of scenarios) {
    world(choices.default)
    properties(choices.default)
  }
}

/** The doors, each of which refuses what does not fit. */
const checks: Record<string, (given: never) => unknown> = {
  'scenario()': (story: never) => built(doors.scenario(story)),
  'onDevices()': (story: never) => built(...doors.onDevices(story)),
  'onPasids()': (story: never) => built(...doors.onPasids(story)),
  'onLinux()': (story: never) => built(...doors.onLinux(story)),
  'toScenario()': (told: never) => built(toScenario(told)),
  'explore()': ({ properties, options }: { properties: []; options: object }) => searching(small, properties, options),
  'explore(): the system': (system: typeof small) => searching(system, [], {}),
}

const small = {
  name: 'small',
  fingerprint: 'f',
  components: [
    {
      ...{
        id: 'lock',
        initial: 0,
        accepts: () => true,
        key: String,
        thread: 'a',
        guardedBy: 'lock',
        unguarded: ['READ'],
      },
      receive: () => ({ local: 1, sends: [], findings: [], notes: [], ignored: false }),
      show: (local: number) => ({ state: `${local}`, data: {} }),
      ...{ lockClass: 'lock', acquires: ['LOCK'], tried: true as const, nest: { rule: 'a before b', after: ['lock'] } },
      ...{
        waits: () => false,
        holders: () => ({ threads: [], exclusive: true }),
        owes: () => [],
        awaited: 'any' as const,
      },
      ...{ heap: () => [], leadsTo: () => [] },
    },
  ],
  start: [{ to: 'lock', message: { type: 'GO', from: 'env' } }],
  view: () => ({}),
}

const handedIn: readonly Told[] = [
  [
    'toScenario()',
    {
      ...{ name: 'any', family: 'own', windows: ['V13-1'], source: '', why: '', mutantOf: 'x', inTable: ['leak'] },
      options: {
        protocol: { values: ['a', 'b'], byDefault: 'a' },
        as: { values: ['posted', 'repaired'], otherwise: 'as it is', only: { protocol: ['a'] } },
      },
      tasks: { least: 1, most: 3, byDefault: 2 },
      ...{ world: () => small, properties: [], expected: [{ protocol: 'a', findings: ['x'], states: 5, tasks: 1 }] },
    },
  ],
  [
    'explore()',
    {
      properties: [
        { kind: 'always', name: 'x', holds: () => true, when: () => true, finding: 'leak' },
        { kind: 'sometimes', name: 'y', holds: () => true },
      ],
      options: {
        search: { pct: { seed: 1, runs: 1, preemptions: 1 } },
        within: { states: 10, depth: 10, ms: 10 },
        ...{ reduction: true, stopAtFirst: false, ignored: 'fail', shortest: true, onFinal: () => {} },
        signal: new AbortController().signal,
      },
    },
  ],
  ['explore()', { properties: [], options: { search: { random: { seed: 1, runs: 1 } } } }],
  ['explore(): the system', small],
]

/** Of VFIO a mutant is a story of its own for all others. */
const alone = ([by, given]: Told): readonly Told[] => {
  if (by !== 'scenario()') return [[by, given]]
  const { mutants = [], ...story } = given as { readonly mutants?: readonly object[] }
  return [[by, story], ...mutants.map((mutant): Told => [by, { ...story, byDefault: undefined, ...mutant }])]
}

let told: readonly Told[] = []

beforeAll(async () => {
  const { scenarios } = await import('../../scenarios/index.ts')
  for (const scenario of scenarios)
    for (const form of formsOf(scenario).slice(0, 2)) scenario.world(decided(scenario.choices, form))
  const { linux } = await vi.importActual<{ linux: (given: never) => unknown }>('../../actors/kernel/linux.ts')
  checks['linux()'] = linux
  told = [...noted.flatMap(alone), ...handedIn]
})

afterAll(() => vi.restoreAllMocks())

type Path = readonly (string | number)[]

/** What stands where, in records and lists; what functions answer is told by itself. */
interface Field {
  readonly path: Path
  readonly value: unknown
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const fieldsIn = (value: unknown, path: Path = []): Field[] => {
  const inside: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((each: unknown, index) => [index, each] as const)
    : isRecord(value)
      ? Object.entries(value).filter(([, each]) => each !== undefined)
      : []
  return inside.flatMap(([key, each]) => [{ path: [...path, key], value: each }, ...fieldsIn(each, [...path, key])])
}

/** The same with something else at a place: another value, or the same under another name. */
const changed = (
  value: unknown,
  [key, ...rest]: Path,
  change: { readonly to: unknown } | { readonly called: string },
): unknown => {
  if (key === undefined) return 'to' in change ? change.to : value
  if (Array.isArray(value))
    return value.map((each: unknown, index) => (index === key ? changed(each, rest, change) : each))
  return Object.fromEntries(
    Object.entries(value as object).map(([name, each]) =>
      name !== key
        ? [name, each]
        : rest.length === 0 && 'called' in change
          ? [change.called, each]
          : [name, changed(each, rest, change)],
    ),
  )
}

const written = (path: Path): string =>
  path
    .map((key, index) =>
      typeof key === 'number'
        ? `[${key}]`
        : /^[\w-]+$/.test(key)
          ? index === 0
            ? key
            : `.${key}`
          : `[${JSON.stringify(key)}]`,
    )
    .join('')

/** `containers.*.groups.*.devices.*.pinned[]`: the same field of every description. */
const patternOf = (by: string, path: Path): string =>
  [
    by,
    ...path.map((key, index) => (typeof key === 'number' ? '[]' : isName(by, path.slice(0, index)) ? '*' : key)),
  ].join('.')

/** In these, things have names that whoever describes them may choose. */
const byName = ['containers', 'groups', 'devices', 'tasks', 'together', 'options', 'verdicts']
const isName = (by: string, of: Path): boolean => !by.startsWith('explore()') && byName.includes(String(of.at(-1)))

/** Accepted, or what was said. */
const saidOf = (by: string, given: unknown): string | undefined => {
  try {
    checks[by]!(given as never)
    return undefined
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return error.message
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Two letters that changed places, one left out, one too many, another one. */
const misspelt = (word: string, how: number, at: number): string => {
  const place = at % Math.max(1, word.length)
  const [before, after] = [word.slice(0, place), word.slice(place)]
  const other = letters[(letters.indexOf(after[0] ?? 'a') + 7) % 26]!
  return [
    `${before}${after[1] ?? ''}${after[0] ?? ''}${after.slice(2)}`,
    before + after.slice(1),
    `${before}${after[0] ?? 'x'}${after}`,
    before + other + after.slice(1),
  ][how % 4]!
}

/** Of every other kind. */
const others = (value: unknown): readonly unknown[] => {
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const all: readonly (readonly [boolean, unknown])[] = [
    [isNumber, NaN],
    [isNumber, 0.5],
    [!isNumber, 42],
    [typeof value !== 'string', 'x'],
    [typeof value !== 'boolean', true],
    [typeof value === 'boolean', 'yes'],
    [typeof value !== 'object', {}],
    [!Array.isArray(value), [null]],
    [typeof value !== 'function', () => undefined],
    [true, null],
  ]
  return all.flatMap(([isOther, other]) => (isOther ? [other] : []))
}

/** What may be misspelt, and why that harms nobody. All else may not. */
const freeWords: readonly (readonly [pattern: RegExp, why: string])[] = [
  [
    /\.(name|family|source|why|windows\.\[\]|mutantOf|otherwise|fingerprint|rule)$/,
    'what it is called, and said of itself',
  ],
  [/\.(finding|findings\.\[\]|verdicts\.\*|inTable\.\[\])$/, 'words of reports, which are compared when there are any'],
  [/^(linux|on\w+)\(\).*\.(process|child|resetSet|container)$/, 'whoever is named so begins to exist'],
  [/^(onDevices|onPasids|linux)\(\).*(containers|groups|devices|tasks)\.\*$/, 'names of one’s own'],
  [/^toScenario\(\)\.options\.\*/, 'names of one’s own, and their values'],
  [/^(onLinux|linux)\(\).*\.as$/, 'what is made is called so'],
  [/^(onLinux|linux)\(\).*\.(vaddr|iova)$/, 'a digit more or less makes another address'],
  [/^explore\(\)\.(properties|options)$/, 'they are arguments, and have their places'],
  [
    /components\.\[\]\.(id|thread|lockClass|acquires\.\[\]|unguarded\.\[\])$|start\.\[\]\./,
    'names of components, and of their messages',
  ],
]
/** What may be of another kind. */
const freeValues: readonly (readonly [pattern: RegExp, other: (value: unknown) => boolean, why: string])[] = [
  [/\.initial$/, () => true, 'a local state is whatever it is'],
  [/^linux\(\).*\.(nb|device)$/, (other) => other === null || other === 'x', 'nobody, to provoke an errno'],
  [/(onDevices|linux)\(\).*\.(device|openBy)$/, (other) => other === null, 'memory of nobody'],
  [/^(onLinux|linux)\(\).*\.(vaddr|iova)$/, (other) => other === 42, 'an address is a number, or a text'],
  [/\.(inTable|reduction)$/, (other) => other === true || typeof other === 'function', 'there are two ways to say it'],
]
/** The name of nobody, to provoke an errno: any other that is nobody's does as well. */
const isOfNobody = (pattern: string, word: string): boolean =>
  /^linux\(\).*\.(nb|device)$/.test(pattern) && word === 'stranger'
const isFreeWord = (pattern: string): boolean => freeWords.some(([free]) => free.test(pattern))

/** Names that others refer to: when they are misspelt, those who say the right name are told that nobody has it. */
const isReferredTo = (pattern: string): boolean => isFreeWord(pattern) || pattern.endsWith('.*')

/** A mutant is told by itself as well: there, it is all there is. */
const isAt = (said: string, path: Path): boolean =>
  said.includes(written(path)) || (path[0] === 'mutants' && said.includes(written(path.slice(2))))

/** What is wrong with how it was taken: nothing, if it was refused with its place, or may be so. */
const taken = (where: string, said: string | undefined, may: boolean, places: readonly Path[]): readonly string[] => {
  if (said === undefined) return may ? [] : [`${where}: accepted`]
  return places.length === 0 || places.some((path) => isAt(said, path)) ? [] : [`${where}: ${said}`]
}

/** A field under another name. */
const asAnother = ([by, given]: Told, { path }: Field, how: number, at: number): readonly string[] => {
  const key = path.at(-1)!
  const called = misspelt(String(key), how, at)
  const home = path.slice(0, -1).reduce<unknown>((inside, each) => (inside as Record<string, unknown>)[each], given)
  if (typeof key === 'number' || called === key || called === '' || called in (home as object)) return []
  const pattern = patternOf(by, path)
  const places = isReferredTo(pattern) ? [] : [[...path.slice(0, -1), called], path]
  const said = saidOf(by, changed(given, path, { called }))
  return taken(`${by} ${written(path)} as ${called}`, said, isFreeWord(pattern), places)
}

/** A word, misspelt. */
const inOtherWords = ([by, given]: Told, { path, value }: Field, how: number, at: number): readonly string[] => {
  if (typeof value !== 'string' || misspelt(value, how, at) === value) return []
  const pattern = patternOf(by, path)
  const word = misspelt(value, how, at)
  const said = saidOf(by, changed(given, path, { to: word }))
  const where = `${by} ${written(path)}: "${word}" for "${value}"`
  const may = isFreeWord(pattern) || isOfNobody(pattern, value)
  return taken(where, said, may, isReferredTo(pattern) ? [] : [path])
}

/** Something of another kind. */
const ofAnotherKind = ([by, given]: Told, { path, value }: Field, other: unknown): readonly string[] => {
  const pattern = patternOf(by, path)
  const said = saidOf(by, changed(given, path, { to: other }))
  const where = `${by} ${written(path)}: ${typeof other === 'function' ? 'a function' : JSON.stringify(other)} for ${typeof value}`
  const may = freeValues.some(([free, which]) => free.test(pattern) && which(other))
  // What comes of it is told where it comes: who looks before the story begins for memory of nobody finds none there.
  return taken(where, said, may, may ? [] : [path])
}

describe('everything that is described', () => {
  test('fits', () => {
    expect(new Set(told.map(([by]) => by))).toEqual(new Set(Object.keys(checks)))
    for (const [by, given] of told) expect([by, saidOf(by, given)]).toEqual([by, undefined])
  })

  test('has no field that can be misspelt, and none that can be something else', () => {
    const kinds = new Map<string, readonly [Told, Field]>()
    for (const each of told)
      for (const field of fieldsIn(each[1])) {
        const pattern = patternOf(each[0], field.path)
        const isNobody = typeof field.value === 'string' && isOfNobody(pattern, field.value)
        const kind = `${pattern} ${isNobody ? 'of nobody' : typeof field.value}`
        if (!kinds.has(kind)) kinds.set(kind, [each, field])
      }
    const wrong = [...kinds.values()].flatMap(([each, field]) => [
      ...[0, 1, 2, 3].flatMap((how) => [...asAnother(each, field, how, how), ...inOtherWords(each, field, how, how)]),
      ...others(field.value).flatMap((other) => ofAnotherKind(each, field, other)),
    ])
    expect(wrong).toEqual([])
    // Otherwise there was not much to misspell.
    expect(kinds.size).toBeGreaterThan(600)
  })

  test('has none wherever one looks', () => {
    // The same again with RELOCK_SEED. Nothing is made smaller: a slip is told as it was met, at once.
    const seed = Number(process.env['RELOCK_SEED'] ?? randomInt(2 ** 31))
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(3), fc.nat(20), fc.nat(20), (which, where, how, at, other) => {
        const each = told[which % told.length]!
        const fields = fieldsIn(each[1])
        const field = fields[where % fields.length]!
        const values = others(field.value)
        const wrong = [
          ...asAnother(each, field, how, at),
          ...inOtherWords(each, field, how, at),
          ...ofAnotherKind(each, field, values[other % values.length]),
        ]
        if (wrong.length > 0) process.stderr.write(`RELOCK_SEED=${seed}: ${wrong.join('; ')}\n`)
        expect(wrong, `RELOCK_SEED=${seed}`).toEqual([])
      }),
      { numRuns: 400, seed, endOnFailure: true },
    )
  })
})
