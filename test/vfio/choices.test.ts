/** Scripts whose way parts: choices, branches, calls that may fail, and loops without end. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bind,
  always,
  branch,
  choose,
  linux,
  eventually,
  explore,
  forever,
  leave,
  live as lively,
  random,
  map,
  mapMemory,
  mayFail,
  pin,
  replay,
  share,
  sometimes,
  unmap,
  unpin,
  type Call,
  type Part,
  type LinuxView,
} from '../../index.ts'
import { refusalOf, saying, type Refusal } from '../shapes/refusals.ts'

const page = 0x1000

type Script = readonly Part<Call>[]

const world = (tasks: Readonly<Record<string, Script>>, more: object = {}) =>
  linux({
    unmap: 'restart',
    containers: {
      container0: {
        mappings: [{ iova: page, size: page }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } },
      },
    },
    tasks,
    ...more,
  })

const returnsOf = (w: LinuxView): string =>
  w.tasks
    .map((task) =>
      w
        .task(task)
        .results.map(({ call, ret }) => `${call} ${ret}`)
        .join(', '),
    )
    .join(' | ')

/** What calls return in runs to the end, over all of them. */
async function outcomes(tasks: Readonly<Record<string, Script>>, options = {}): Promise<readonly string[]> {
  const seen = new Set<string>()
  const note = always<LinuxView>('noted', (w) => {
    if (w.finished) seen.add(returnsOf(w))
    return true
  })
  const report = await explore(world(tasks), [note], options)
  expect(report.exhaustive).toBe(true)
  return [...seen].toSorted()
}

test('each way is gone in runs of its own', async () => {
  const tasks = { vmm0: [choose(map(2 * page, page), unmap(page, page), []), unmap(page, page)] }
  expect(await outcomes(tasks)).toEqual(['map 0, unmap 0', 'unmap 0', 'unmap 0, unmap 0'])
})

test('a call that may fail is made, or fails in each of its ways and does nothing', async () => {
  const tasks = { vmm0: [mayFail(map(2 * page, page), '-ENOMEM', '-EINTR'), map(2 * page, page)] }
  expect(await outcomes(tasks)).toEqual(['map -EINTR, map 0', 'map -ENOMEM, map 0', 'map 0, map -EEXIST'])
})

test('what a call returned decides how it goes on, and so does a failure', async () => {
  const maps = branch(mayFail(map(2 * page, page), '-ENOMEM'), { '-ENOMEM': [unmap(page, page)], 0: [] }, [
    leaveNothing(),
  ])
  expect(await outcomes({ vmm0: [maps] })).toEqual(['map -ENOMEM, unmap 0', 'map 0'])
  const again = branch(map(page, page), { 0: [] }, [unmap(page, page)])
  expect(await outcomes({ vmm0: [again] })).toEqual(['map -EEXIST, unmap 0'])
})

const leaveNothing = (): Call => pin('mdev0', page)

describe('a loop without end', () => {
  const loop = forever(choose(pin('mdev0', page), unpin('mdev0', page)))

  test('is a circle of states: the search comes to an end, and no depth is needed', async () => {
    const report = await explore(
      world({ vmm0: [loop] }),
      [
        sometimes<LinuxView>('it is through', (w) => w.finished),
        sometimes<LinuxView>('pinned', (w) => w.vfio.pinned(page) > 0),
      ],
      { within: { states: 300 } },
    )
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'seen'])
    // Pins are counted: only what is unpinned as often closes the circle.
    const twice = forever(pin('mdev0', page), unpin('mdev0', page))
    const { exhaustive, states, properties } = await explore(world({ vmm0: [twice] }), [
      sometimes<LinuxView>('it is through', (w) => w.finished),
      eventually<LinuxView>('it comes to an end', (w) => w.finished),
    ])
    expect({ exhaustive, states }).toEqual({ exhaustive: true, states: 3 })
    expect(properties.map(({ verdict }) => verdict)).toEqual(['unseen', 'violated'])
  })

  test('is left where it says so', async () => {
    const tries = forever(branch(map(page, page), { 0: [leave()] }, [unmap(page, page)]))
    expect(await outcomes({ vmm0: [tries, unmap(page, page)] })).toEqual(['map 0, unmap 0'])
  })

  test('races with others like anything else: the loop that pins is told of every unmap', async () => {
    const tasks = { vmm0: [unmap(page, page)], worker0: [forever(pin('mdev0', page), unpin('mdev0', page))] }
    const report = await explore(world(tasks, { unmap: 'under-lock' }))
    expect(report.exhaustive).toBe(true)
    expect(report.findings.map(({ title }) => title)).toContain('deadlock at iommu.lock and mdev0.lock')
  })
})

describe('over generated scripts', () => {
  const call = fc.constantFrom<Call>(
    map(page, page),
    map(2 * page, page),
    unmap(page, page),
    unmap(2 * page, page),
    pin('mdev0', page),
  )
  const straight = fc.array(call, { maxLength: 2 })
  const part: fc.Arbitrary<Part<Call>> = fc.oneof(
    call,
    fc.array(straight, { minLength: 2, maxLength: 3 }).map((ways) => choose(...ways)),
    call.map((each) => mayFail(each, '-ENOMEM')),
    fc.tuple(call, straight, straight).map(([each, zero, other]) => branch(each, { 0: zero }, other)),
  )
  const script = fc.array(part, { minLength: 1, maxLength: 2 })

  /** The straight scripts that a script with choices stands for; a branch stays. */
  const straightened = (parts: Script): readonly Script[] =>
    parts.reduce<readonly Script[]>(
      (so, each) => so.flatMap((before) => ways(each).map((way) => [...before, ...way])),
      [[]],
    )
  const ways = (each: Part<Call>): readonly Script[] => (each.do === 'choose' ? each.ways : [[each]])

  test('a choice comes to exactly what its ways come to, each by itself, with and without the reduction', async () => {
    await fc.assert(
      fc.asyncProperty(script, script, async (one, other) => {
        const found = await outcomes({ a: one, b: other })
        const apart = new Set<string>()
        for (const a of straightened(one))
          for (const b of straightened(other)) for (const each of await outcomes({ a, b })) apart.add(each)
        expect(found).toEqual([...apart].toSorted())
        expect(await outcomes({ a: one, b: other }, { reduction: false })).toEqual(found)
      }),
      { numRuns: 12 },
    )
  })
})

test('a run with choices replays, and is one live too', async () => {
  const free = world({
    vmm0: [choose(map(2 * page, page), unmap(page, page))],
    other: [mayFail(unmap(page, page), '-EINTR')],
  })
  const { properties } = await explore(free, [
    sometimes<LinuxView>(
      'mapped',
      (w) => w.finished && w.vfio.mapped(2 * page) && w.task('other').result('unmap')?.ret === '-EINTR',
    ),
  ])
  const run = replay(free, properties[0]!.schedule!)
  const says = run.steps.flatMap(({ message }) => (message.type === 'CHOSEN' ? [message['says']] : []))
  expect(says.toSorted()).toEqual(['choose 1: map', 'choose 2: unmap fails: -EINTR'])
  expect(JSON.stringify(replay(free, properties[0]!.schedule!), text)).toBe(JSON.stringify(run, text))

  const chosen = new Set<unknown>()
  for (let seed = 0; seed < 20; seed++) {
    const live = lively(free, random(seed), { pace: 'at once' })
    live.subscribe(({ message }) => message.type === 'CHOSEN' && chosen.add(message['says']))
    live.connect()
  }
  expect([...chosen].toSorted()).toEqual([
    'choose 1: map',
    'choose 1: unmap',
    'choose 2: unmap',
    'choose 2: unmap fails: -EINTR',
  ])
})

const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

test('the other families have them as well', async () => {
  const memory = linux({
    deviceMemory: 'dma-buf',
    devices: { dev1: { container: 'container0' }, dev2: { container: 'container1' } },
    before: [share('dev2')],
    tasks: { vmm0: [choose(mapMemory('container0', page, 'dev2'), [])] },
  })
  const mapped = await explore(memory, [
    sometimes('mapped', (w) => w.deviceMemory.mapped('container0', page) !== undefined),
    sometimes('not', (w) => w.finished && !w.deviceMemory.mapped('container0', page)),
  ])
  expect(mapped.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
  const bound = linux({ svm: 'rfc29', tasks: { vmm0: [mayFail(bind('dev0'), '-ENOMEM')] } })
  const report = await explore(bound, [
    sometimes<LinuxView>('bound', (w) => w.result('vmm0', 'bind')?.ret === 0),
    sometimes<LinuxView>('not bound', (w) => w.result('vmm0', 'bind')?.ret === '-ENOMEM'),
  ])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
})

describe('what cannot be gone is refused with its place', () => {
  const described = (script: readonly unknown[]) => ({
    unmap: 'restart',
    containers: { container0: { mappings: [], groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } } } },
    tasks: { vmm0: script },
  })
  const refused: readonly Refusal[] = [
    ['one way', described([choose([])]), 'linux(): tasks.vmm0[0].ways cannot be 1.', '2 to 16 ways'],
    [
      'a call that is none',
      described([choose([], [{ do: 'mapp', iova: 0, size: page }])]),
      'linux(): tasks.vmm0[0].ways[1][0].do cannot be "mapp". Did you mean "map"?',
      'one of map,',
    ],
    [
      'a device of nobody',
      described([forever(pin('mdev1', page))]),
      'linux(): tasks.vmm0[0].round[0].device cannot be "mdev1". Did you mean "mdev0"?',
      'a device of this description: mdev0',
    ],
    [
      'a device of nobody where a branch goes otherwise',
      described([branch(map(0, page), { 0: [] }, [pin('mdev1', page)])]),
      'linux(): tasks.vmm0[0].otherwise[0].device cannot be "mdev1". Did you mean "mdev0"?',
      'a device of this description: mdev0',
    ],
    [
      'a loop of nothing',
      described([forever()]),
      'linux(): tasks.vmm0[0].round cannot be []: nobody could come in between.',
      'a call or a choice',
    ],
    [
      'a stray leave',
      described([choose([leave()], [])]),
      "linux(): tasks.vmm0[0].ways[0][0] cannot be { do: 'leave' }: there is no loop around it.",
      'a leave inside of a loop',
    ],
    [
      'a call that cannot fail',
      described([mayFail(map(0, page))]),
      'linux(): tasks.vmm0[0].errnos is empty.',
      'one result at least',
    ],
    [
      'a result that is none',
      described([mayFail(map(0, page), 'no memory')]),
      'linux(): tasks.vmm0[0].errnos[0] cannot be "no memory".',
      '-ENOMEM',
    ],
    [
      'a branch behind a choice',
      described([branch(choose([], []) as never, {})]),
      'linux(): tasks.vmm0[0].call.do cannot be "choose". Did you mean "close"?',
      'one of map,',
    ],
  ]
  test.each(refused)('%s', (_, given, fact, expected) => {
    expect(refusalOf(() => linux(given as never))).toEqual(saying(fact, expected))
  })
})
