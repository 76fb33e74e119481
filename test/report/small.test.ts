import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAddress, printAddress, printSchedule } from '../../report/address.ts'
import { changes } from '../../report/changes.ts'
import * as errors from '../../report/errors.ts'
import { fittingTrace, recordedElsewhere } from '../../report/follow.ts'
import { machineDot, traceDot } from '../../report/formats/dot.ts'
import { readTraceJson, stepNames } from '../../report/formats/json.ts'
import { escape, sequenceDiagram, stateDiagram } from '../../report/formats/mermaid.ts'
import { progressLine, showLine, sparkline } from '../../report/progress.ts'
import { savedRun, saveRun } from '../../report/save.ts'
import { makePage } from '../../report/style.ts'
import { mutex } from '../../machines/kernel/mutex.ts'
import type { StateLike } from '../../report/formats/machine.ts'
import { useAfterFree } from './fixture.ts'

const page = makePage()

describe('addresses', () => {
  test('as the contract writes them', () => {
    const text = 'stale-dma,unmap=per-mapping@9f3c:0x12.1.0.2x3'
    const address = parseAddress(text)
    expect(address).toMatchObject({ scenario: 'stale-dma', choices: { unmap: 'per-mapping' }, fingerprint: '9f3c' })
    expect(address.schedule).toHaveLength(17)
    expect(printAddress(address)).toBe(text)
  })
  test('print and parse are inverse', () => {
    const names = fc.constantFrom('stale-dma', './my,file@v2.ts', 'C:/x/y.ts')
    const choices = fc.record(
      { unmap: fc.constantFrom('restart', 'gated'), tasks: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: [] },
    )
    const schedule = fc.array(fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(names, choices, schedule, (scenario, chosen, taken) => {
        const address = { scenario, choices: chosen, fingerprint: '9f3c', schedule: taken }
        expect(parseAddress(printAddress(address))).toEqual(address)
      }),
    )
  })
  test.each([
    'stale-dma',
    'stale-dma@',
    'stale-dma@9f3c',
    'a@9f3c:0..1',
    'a@9f3c:1x',
    'a,tasks=none@9f3c:0',
    'a@9f3c:0x99999999',
  ])('refuses %s', (text) => {
    expect(() => parseAddress(text)).toThrow(errors.UserError)
  })
  test('the empty run', () => {
    expect(printSchedule([])).toBe('')
    expect(parseAddress('a@9f3c:').schedule).toEqual([])
  })
})

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

describe('errors say what can be done next', () => {
  const all = [
    errors.unknownScenario('stale-dna', ['stale-dma', 'late-pin']),
    errors.unknownValue('unmap', 'protocol', 'mapping', 'explore stale-dma', ['per-mapping', 'restart']),
    errors.unknownProperty('x', 'stale-dma', ["a driver's pin is told of"]),
    errors.unknownMachine('mutx', ['mutex']),
    errors.unknownFormat('svg', ['mermaid', 'dot', 'json']),
    errors.wrongTasks('9', 'stale-dma', { least: 1, most: 3 }),
    errors.otherModel({
      recorded: '9f3c',
      now: '41aa',
      fits: 4,
      was: 'a → b MAP',
      possible: ['a → b UNMAP'],
      saved: '.relock/x.trace.json',
    }),
    errors.otherModel({ recorded: '9f3c', now: '41aa', fits: 0 }),
    errors.notAScenario('./x.ts', 'Its default export is not an object.', ['name', 'why']),
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

describe('saved runs', () => {
  let folder = ''
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'relock-'))))
  afterEach(() => rmSync(folder, { recursive: true }))
  const trace = useAfterFree()
  const schedule = trace.steps.map(({ choice }) => choice)
  const address = printAddress({
    scenario: 'stale-dma',
    choices: { unmap: 'per-mapping' },
    fingerprint: '9f3c',
    schedule,
  })

  test('are a family of files with one stem, and can be read again', () => {
    expect(saveRun({ address, trace, text: 'x' }, folder)).toEqual({
      said: join(folder, 'stale-dma-9f3c.{txt,trace.json}'),
      run: join(folder, 'stale-dma-9f3c.trace.json'),
    })
    expect(readdirSync(folder)).toEqual(['stale-dma-9f3c.trace.json', 'stale-dma-9f3c.txt'])
    expect(savedRun({ scenario: 'stale-dma', fingerprint: '9f3c' }, folder)?.run).toMatchObject({
      address,
      schedule,
      names: stepNames(trace),
    })
  })
  test('fail softly', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(saveRun({ address, trace, text: 'x' }, join(folder, 'file')).said).toMatch(/^nothing: .* cannot be written/)
    expect(savedRun({ scenario: 'x', fingerprint: '0000' }, folder)).toBeUndefined()
  })
  test('a file that is something else is refused', () => {
    expect(() => readTraceJson('{}', 'x.json')).toThrow('not a trace saved by relock')
    expect(() => readTraceJson('{', 'x.json')).toThrow('not a trace saved by relock')
  })
  test('another model: the part that still fits is found by name', () => {
    const names = stepNames(trace)
    const replay = (taken: readonly (number | string)[]) => {
      if (taken.length > 10) throw new Error('does not fit')
      return { ...trace, steps: trace.steps.slice(0, taken.length) }
    }
    expect(fittingTrace(names, replay).steps).toHaveLength(10)
    saveRun({ address, trace, text: 'x' }, folder)
    const kept = savedRun({ scenario: 'stale-dma', fingerprint: '9f3c' }, folder)
    const said = errors.sayUserError(recordedElsewhere(parseAddress(address), '41aa', kept, replay))
    expect(said).toContain('recorded on another model (9f3c, now 41aa)')
    expect(said).toContain(`Steps 1–10 still fit. Step 11 was \`${names[10]}\``)
  })
})

describe('formats', () => {
  const chart = mutex.definition as unknown as StateLike
  test('mermaid', () => {
    expect(stateDiagram(chart)).toMatchSnapshot('statechart')
    expect(sequenceDiagram(useAfterFree())).toMatchSnapshot('sequence')
    expect(escape('a;b#c')).toBe('a#59;b#35;c')
  })
  test('dot', () => {
    expect(machineDot(chart)).toMatchSnapshot()
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
