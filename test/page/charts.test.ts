/** Statecharts of a page: what is drawn is what the machine holds, and what is covered is what a search has come by. */
import { expect, test } from 'vitest'
import { createMachine, sendParent, sendTo, setup } from 'xstate'
import { scenarioOfActors } from '../../process/scenario.ts'
import { explore } from '../../explore/index.ts'
import type { Taken } from '../../explore/outcome/taken.ts'
import { catalogue } from '../../machines/catalogue.ts'
import { Book } from '../../page/make/book.ts'
import { chartData } from '../../page/make/charts.ts'
import { laidOut } from '../../page/make/layout.ts'
import type { GraphData } from '../../page/data.ts'
import { activeIn } from '../../page/walk/chart.ts'
import { replay } from '../../explore/runs/replay.ts'
import { findScenario } from '../../scenarios/index.ts'
import { toys } from '../toys/all.ts'

/** Boxes and ways of an arrow that lie outside of a picture. */
const outside = ({ width, height, boxes, arrows }: GraphData): readonly unknown[] => {
  const picture = { x: width / 2, y: height / 2, width, height }
  const points = (way: readonly number[]): readonly Place[] =>
    way.flatMap((x, at) => (at % 2 === 0 ? [{ x, y: way[at + 1]!, width: 0, height: 0 }] : []))
  return [...boxes, ...boxes.flatMap(({ frame }) => frame ?? []), ...arrows.flatMap(({ way }) => points(way))].filter(
    (place) => !isWithin(place, picture),
  )
}

test('nothing of a picture lies outside of it, a way round everything neither', () => {
  for (const machine of Object.values(catalogue)) expect(outside(chartData(machine.root).data.graph)).toEqual([])
  // Two of these are taken in both orders, so an arrow leads back up.
  const locks = ['iommu->device_list_lock', 'iommu->lock', 'mdev0.lock', 'mdev1.lock']
  const edges = [
    [1, 0],
    [0, 2],
    [0, 1],
    [2, 1],
    [0, 3],
  ] as const
  const graph = laidOut({
    boxes: locks.map((name) => ({ name })),
    arrows: edges.map(([from, to]) => ({ from, to, label: '' })),
  })
  expect(outside(graph)).toEqual([])
})

test('every machine has each of its states once, and each transition between two of them an arrow', () => {
  for (const machine of Object.values(catalogue)) {
    const { data, names } = chartData(machine.root)
    expect(names).toEqual(Object.keys(machine.root.states))
    for (const { from, to, arrow } of data.transitions) {
      if (from === undefined || to === undefined) expect(arrow).toBeUndefined()
      else expect(data.graph.arrows[arrow!]).toMatchObject({ from, to })
    }
    for (const { way } of data.graph.arrows) expect(way.length).toBeGreaterThan(2)
  }
})

const nested = createMachine({
  id: 'drive',
  initial: 'off',
  states: {
    off: { on: { START: 'on' } },
    on: {
      type: 'parallel',
      on: { STOP: 'off' },
      states: {
        motor: {
          initial: 'idle',
          states: { idle: { on: { GO: 'busy' } }, busy: { on: { REST: 'idle', FAIL: '#drive.off' } } },
        },
        lamp: { initial: 'dark', states: { dark: { on: { GO: 'lit' } }, lit: {} } },
      },
    },
  },
})

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Left, top, right and bottom. */
const sidesOf = ({ x, y, width, height }: Place) =>
  [x - width / 2, y - height / 2, x + width / 2, y + height / 2] as const

const isWithin = (inner: Place, outer: Place): boolean => {
  const [[a, b, c, d], [left, top, right, bottom]] = [sidesOf(inner), sidesOf(outer)]
  return a >= left && b >= top && c <= right && d <= bottom
}

test('states that lie in states are drawn in them, and no others are', () => {
  const { data, names } = chartData(nested.root)
  const { boxes } = data.graph
  const drawnIn = (outer: string): readonly string[] => {
    const { frame } = boxes[names.indexOf(outer)]!
    return names.filter((_, at) => frame && isWithin(boxes[at]!.frame ?? boxes[at]!, frame))
  }
  const outer = boxes.flatMap(({ name, frame }) => (frame ? [name] : []))
  expect(outer).toEqual(['on', 'on.motor', 'on.lamp'])
  for (const name of outer)
    expect(drawnIn(name)).toEqual(names.filter((each) => each === name || each.startsWith(`${name}.`)))
  expect(boxes.map(({ name, label = name }) => label)).toEqual([
    'off',
    'on',
    'motor',
    'idle',
    'busy',
    'lamp',
    'dark',
    'lit',
  ])
  expect(boxes.flatMap(({ name, frame }) => (frame?.regions ? [name] : []))).toEqual(['on'])
  for (const { from, to, arrow } of data.transitions) expect(data.graph.arrows[arrow!]).toMatchObject({ from, to })
})

test('states that lie in states are known by the words in which actors tell them', () => {
  expect(activeIn(['on', 'on.idle', 'on.busy', 'off'], '{"on":"idle"}')).toEqual([0, 1])
  expect(activeIn(['on', 'off'], 'off')).toEqual([1])
})

test.each(toys)('$system.name: a search has come by just what can be delivered', async ({ system }) => {
  const taken: Taken[] = []
  await explore(system, [], { reduction: false, onTaken: (each) => taken.push(each) })
  const book = new Book()
  book.run({ trace: replay(system, []), wrong: undefined, title: '', address: '@0:' }, system)
  const { models, texts } = book.data('')
  const { whole, entries, actors, locals, messages } = models[0]!
  const carried = entries.flatMap(({ actor, local, message, next, ignored }) => {
    if (next === undefined || ignored) return []
    const state = (at: number) => texts[locals[actor]![at]!.state]!
    return [[texts[actors[actor]!.id], state(local), texts[messages[message]!.type], state(next)].join()]
  })
  const found = taken.map((each) => Object.values(each).join())
  expect(new Set(carried)).toEqual(whole ? new Set(found) : expect.anything())
  expect(found).toEqual(expect.arrayContaining([...new Set(carried)]))
})

test('what a search never came by is named', async () => {
  const scenario = findScenario('stale-dma')!
  const choices = scenario.choices.default
  const system = scenario.system(choices)
  const taken: Taken[] = []
  const { findings } = await explore(system, [], { onTaken: (each) => taken.push(each) })
  const book = new Book()
  book.know(system, scenario.world(choices).actors)
  book.cover(system, taken)
  book.run({ trace: replay(system, findings[0]!.schedule), wrong: undefined, title: '', address: '@0:' }, system)
  const { charts, covered } = book.data('').models[0]!
  const at = charts.findIndex(({ name }) => name === 'perMapping')
  const names = charts[at]!.graph.boxes.map(({ name }) => name)
  const never = charts[at]!.transitions.filter((_, each) => !covered![at]!.transitions.includes(each))
  expect(
    never.map(({ from, to, words }) => `${names[from!]}: ${words} → ${to === undefined ? 'stays' : names[to]}`),
  ).toEqual([
    'idle: CALL [isBad] / begin, refuse, reset → stays',
    'checking: CHECKED [bisects] → refusing',
    'looking: READ_RESULT [isPinnedAgain] / warn → unlocking',
    'refusing: UNLOCKED / refuse, reset → idle',
  ])
})

test('of XState actors everybody has a chart, and what they tell each other within a step is there', async () => {
  const saver = setup({}).createMachine({
    id: 'saver',
    initial: 'idle',
    states: { idle: { on: { SAVE: { target: 'saved', actions: sendParent({ type: 'DONE' }) } } }, saved: {} },
  })
  const form = setup({ actors: { saver } }).createMachine({
    id: 'form',
    invoke: { src: 'saver', id: 'disk' },
    initial: 'open',
    states: {
      open: { on: { OK: { target: 'waiting', actions: sendTo('disk', { type: 'SAVE' }) } } },
      waiting: { on: { DONE: 'closed' } },
      closed: {},
    },
  })
  const scenario = scenarioOfActors(form)!
  const choices = scenario.choices.default
  const system = scenario.system(choices)
  await explore(system, [])
  const book = new Book()
  book.know(system, scenario.world(choices).actors)
  book.run({ trace: replay(system, [1]), wrong: undefined, title: '', address: '@0:' }, system)
  const { models, texts, runs } = book.data('')
  const { charts, inner, locals } = models[0]!
  expect(charts.map(({ name }) => name)).toEqual(['form', 'saver'])
  expect(inner!.map(([name, chart]) => [texts[name], chart])).toEqual([['disk', 1]])
  const states = locals[0]!.map((each) => [texts[each.state], ...each.inner!.map((text) => texts[text])].join(' '))
  expect(states).toEqual(['open disk idle', 'closed disk saved'])
  const { heard, columns, rows } = runs[0]!
  expect(heard!.map(({ words, changes, step }) => [step, texts[words], ...changes.map((each) => texts[each])])).toEqual(
    [
      [1, 'user: OK at form', 'state open → waiting'],
      [1, 'form: SAVE at disk', 'state idle → saved'],
      [1, 'disk: DONE at form', 'state waiting → closed'],
    ],
  )
  // A lane for each of them; and which transitions of their charts were taken.
  expect(columns.map((each) => texts[each])).toEqual(['user', 'form', 'disk'])
  const taken = heard!.map((each) =>
    each.taken.map((at) => charts[texts[each.to] === 'form' ? 0 : 1]!.transitions[at]!.type),
  )
  expect(taken).toEqual([['OK'], ['SAVE'], ['DONE']])
  expect(rows).toEqual([])
})
