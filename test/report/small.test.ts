import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changes } from '../../report/changes.ts'
import * as errors from '../../report/errors.ts'
import { traceDot } from '../../report/formats/dot.ts'
import { escape, sequenceDiagram } from '../../report/formats/mermaid.ts'
import { progressLine, showLine, sparkline } from '../../report/progress.ts'
import { makePage } from '../../report/style.ts'
import { mutex } from '../../machines/kernel/locks/mutex.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { insist } from '../../shapes/insist.ts'
import { record, text } from '../../shapes/shape.ts'
import { fields, wrap } from '../../report/words.ts'
import { useAfterFree } from './fixture.ts'

const page = makePage()

test('changes are told by leaf, and elements of lists by name', () => {
  const shown = (dmas: unknown[], state = 'open') => ({ state, data: { dmas, n: 1n } })
  const dma = (gen: number, pins: unknown[]) => ({ ptr: { id: 'dma0', gen }, iova: 0x1000n, pins })
  expect(changes(shown([dma(1, [])]), shown([dma(1, [{ iova: 0x1000n, count: 1 }])]))).toEqual([
    { path: 'dmas dma0#1 pins', text: '+= 0x1000' },
  ])
  expect(changes(shown([dma(1, [])]), shown([dma(2, [])], 'closed')).map(({ text }) => text)).toEqual([
    'open → closed',
    '−= dma0#1',
    '+= dma0#2',
  ])
})

test('a flag that is not set: of a switch it is off; of a manner something else is done, or nothing is said', () => {
  const said = (flags: object): string => fields({ type: 'CALL', from: 'task', device: 'dev0', ...flags })
  expect(said({ on: true })).toBe('dev0 on')
  expect(said({ on: false })).toBe('dev0 off')
  expect(said({ write: false })).toBe('dev0 read')
  expect([said({ try: true }), said({ try: false })]).toEqual(['dev0 try', 'dev0'])
  expect(said({ pinned: false })).toBe('dev0 not pinned')
})

test('what is nested in what was handed in is written as people write it', () => {
  const given = { name: { a: { b: { c: 1 } }, list: [[1]], none: {}, empty: [] } }
  expect(() => insist(record({ name: text }), given, 'it()')).toThrow(
    'name cannot be { a: { b: {…} }, list: [ […] ], none: {}, empty: [] }',
  )
})

test('an element without a name is told by what it holds, if that is short', () => {
  const shown = (queue: unknown[]) => ({ state: 'open', data: { queue } })
  const text = (before: unknown[], after: unknown[]) => changes(shown(before), shown(after)).map((each) => each.text)
  expect(text([], [{ type: 'PING', by: 'a' }])).toEqual(['+= {type PING, by a}'])
  expect(text([{ type: 'PING', by: 'a' }], [])).toEqual(['−= {type PING, by a}'])
  expect(text([], [{ type: 'PING', text: 'long '.repeat(20) }])).toEqual(['+= 0'])
  expect(text([], [3])).toEqual(['+= 3'])
})

test('text is broken between words, or inside one that is longer than a line; the first line has the whole width', () => {
  expect(wrap('eventually  x', 20, ' '.repeat(12))).toEqual(['eventually  x'])
  expect(wrap('eventually every unmap is answered', 20, ' '.repeat(12))).toEqual([
    'eventually every',
    ...['unmap is', 'answered'].map((line) => ' '.repeat(12) + line),
  ])
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ') }), fc.nat(30), fc.nat(10), (text, more, indent) => {
      const width = indent + 1 + more
      const lines = wrap(text, width, ' '.repeat(indent))
      expect(lines.filter((line) => line.length > width)).toEqual([])
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }),
  )
})

describe('errors say what can be done next', () => {
  const all = [
    errors.unknownScenario('stale-dna', ['stale-dma', 'late-pin']),
    errors.unknownValue(
      ...(['protocol', 'mapping', 'explore stale-dma'] as const),
      ['per-mapping', 'restart'],
      (value) => `--unmap ${value}`,
    ),
    errors.unknownProperty('x', 'stale-dma', ["a driver's pin is told of"]),
    errors.unknownMachine('mutx', ['mutex']),
    errors.unknownFormat('svg', ['mermaid', 'dot', 'json'], 'machine'),
    errors.wrongTasks('9', 'stale-dma', { least: 1, most: 3 }),
    errors.otherModel('9f3c', '41aa'),
    errors.noRunAnyMore(['Impossible: no run keeps the order.', '  fits       step 1'], 'a@9f3c:0'),
    errors.notAScenario('./x.ts', { message: 'Its default export is not an object.', lacks: ['name', 'why'] }),
    errors.nothingToShow('x', 'stale-dma', 'holds', []),
    errors.wrongUsage("error: unknown command 'exlpore'"),
  ]
  test.each(all.map((error) => [error.message, error] as const))('%s', (_message, error) => {
    expect(errors.sayUserError(error)).toMatchSnapshot()
    expect(errors.sayUserError(error)).toMatch(/To go on: .+$/)
    expect(error.message).not.toContain('!')
  })
  test('a complaint about the model is the user’s to put right, anything else is our fault', () => {
    const evidence = [
      ['step', 'guest0 → container0 MAP_DMA'],
      ['differs', 'container0.cookie'],
    ] as const
    const complaint = Object.assign(new Error('The model is not deterministic.\n\n  step'), {
      problem: 'nondeterministic',
      evidence,
      hint: undefined,
    })
    expect(errors.sayError(complaint)).toMatchSnapshot()
    expect(errors.sayError(new TypeError('x')).code).toBe(4)
  })
})

describe('formats', () => {
  test('mermaid', () => {
    expect(sequenceDiagram(useAfterFree())).toMatchSnapshot('sequence')
    expect(escape('a;b#c')).toBe('a#59;b#35;c')
  })
  test.each(Object.entries(machineFormats))('a machine as %s', (_, write) => {
    expect(write(mutex.root)).toMatchSnapshot()
  })
  test('dot', () => {
    expect(traceDot(useAfterFree())).toContain('n63 [label=')
  })
})

describe('progress', () => {
  const progress = {
    states: 23_949,
    steps: 65_448,
    depth: 31,
    seconds: 2,
    frontier: [1, 3, 5, 9, 12, 7, 3],
    findings: [],
  }
  const paper = (isTTY: boolean) => {
    const written: string[] = []
    return { isTTY, written, write: (text: string) => void written.push(text) }
  }
  test('nothing for 400 ms, then at most ten times a second, and wiped in the end', () => {
    let time = 0
    const screen = paper(true)
    const view = showLine(screen, page, 'stale-dma', progressLine, () => time)
    for (time = 0; time < 1000; time += 10) view.update(progress)
    expect(screen.written.filter((text) => text.includes('exploring'))).toHaveLength(6)
    view.done()
    expect(screen.written.at(-1)).toBe('\r\u001B[2A\u001B[0J')
  })
  test('with an estimate it says what is left, and what matters more than speed stands before it, in 80 columns', () => {
    const estimate = { states: 1_387_654, seconds: 47.3 }
    const known = { states: 412_345, steps: 9_876_543, depth: 61, seconds: 21, frontier: [1, 2, 3] }
    const line = progressLine({ ...known, findings: ['a'], trouble: 'full', estimate }, makePage({ columns: 80 }))
    expect(progressLine({ ...known, findings: [], alone: 'symmetry' }, makePage({ columns: 120 }))).toContain(
      '  one thread',
    )
    expect(progressLine({ ...known, findings: [] }, makePage({ columns: 120 }))).not.toContain('one thread')
    expect(line).toBe('exploring  412,345 of about 1,400,000 states  0:21, about 0:47 left  1 finding')
    const wide = progressLine({ ...known, findings: [], estimate }, makePage({ columns: 120 }))
    expect(wide).toContain('0:21, about 0:47 left  470.3k steps/s  depth 61')
  })
  test('elsewhere one plain line every ten seconds', () => {
    let time = 0
    const file = paper(false)
    const view = showLine(file, page, 'stale-dma', progressLine, () => time)
    for (time = 0; time < 25_000; time += 100) view.update(progress)
    view.done()
    expect(file.written).toHaveLength(2)
    expect(file.written.join('')).not.toContain('\u001B')
  })
  test('the frontier as bars', () => {
    expect(sparkline([1, 4, 8, 2], 10, page)).toBe('▂▅█▃')
    expect(
      sparkline(
        Array.from({ length: 100 }, (_, i) => i),
        10,
        page,
      ),
    ).toHaveLength(10)
  })
})
