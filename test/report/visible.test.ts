/**
 * What comes from outside is shown as text: every control character and every sign that turns text round, in every place where a name can
 * stand, in everything that is printed. The names of real runs and reports are spoilt, all of them; nothing may come through.
 */
import { lastValueFrom } from 'rxjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { conforming, type ConformReport } from '../../conform/index.ts'
import { explore, replay } from '../../explore/index.ts'
import { lockdep } from '../../explore/locks/lockdep.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { compareTable } from '../../report/compare.ts'
import { conformDocument } from '../../report/conform/json.ts'
import { tellConform } from '../../report/conform/text.ts'
import * as errors from '../../report/errors.ts'
import { familyTable } from '../../report/family.ts'
import { traceDot } from '../../report/formats/dot.ts'
import { traceJson } from '../../report/formats/json.ts'
import { lockOrderDiagram, lockOrderDot } from '../../report/formats/lock-order.ts'
import { itf } from '../../report/formats/itf.ts'
import { sequenceDiagram } from '../../report/formats/mermaid.ts'
import { perfetto } from '../../report/formats/perfetto.ts'
import { shiviz } from '../../report/formats/shiviz.ts'
import { sanitizerLog } from '../../report/formats/sanitizer.ts'
import { compareDocument, exploreDocument, listDocument, printJson } from '../../report/json.ts'
import { listScenarios } from '../../report/list.ts'
import { summary } from '../../report/summary.ts'
import { lockdepDocument, tellLockdep } from '../../report/lockdep-text.ts'
import { progressLine, showLine } from '../../report/progress.ts'
import { wrongIn } from '../../report/sides.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { makePage } from '../../report/style.ts'
import { shellWord, tellReport, tellTrace } from '../../report/text.ts'
import { visible } from '../../report/words.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { echo, errno } from '../conform/engines.ts'

const range = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at))

/** C0, DEL and C1; what turns text round; what ends a line elsewhere. */
const signs = [
  ...range(0, 0x1f),
  ...range(0x7f, 0x9f),
  ...['\u061c', ...range(0x200e, 0x200f), ...range(0x202a, 0x202e), ...range(0x2066, 0x2069), '\u2028', '\u2029'],
]
const raw = new RegExp(`[${signs.filter((sign) => sign !== '\n').join('')}]`, 'u')

/** So many to a name that it is not cut before the last of them; what ends a line by itself, so that nothing is cut at all. */
const others = signs.filter((sign) => sign !== '\n')
const groups = [
  ['\n'],
  ...Array.from({ length: Math.ceil(others.length / 5) }, (_, at) => others.slice(at * 5, at * 5 + 5)),
]

/** Words that are ours: verdicts, kinds, ends. Any other text is somebody's. */
const ours = new Set(
  [
    'always sometimes eventually holds violated seen unseen undecided breadth random pct on off open finished deadlock crashed',
    'use-after-free read write alloc free use count agrees disagrees failed states depth you ms first',
  ].flatMap((words) => words.split(' ')),
)
/** What messages are called decides what is told of them. */
const isType = (text: string): boolean => /^(?:START|GO|CALL|RETURN|LOCK|UNLOCK|TRYLOCK|DOWN_\w+|UP_\w+)$/.test(text)

type Spoil = (text: string) => string

/** Every text in it that is not ours; and every name that is a key, of a record of these names or of somebody's data. */
const spoilt = <T>(x: T, spoil: Spoil, keys: ReadonlySet<string> = new Set()): T => {
  const each = (value: unknown, isData = false): unknown => {
    if (typeof value === 'string') return ours.has(value) || isType(value) ? value : spoil(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((inside) => each(inside))
    return Object.fromEntries(
      Object.entries(value).map(([field, inside]) => [
        isData || keys.has(field) ? spoil(field) : field,
        each(inside, field === 'data'),
      ]),
    )
  }
  return each(x) as T
}

interface Outputs {
  readonly [name: string]: string
}

const pages = { plain: makePage(), narrow: makePage({ columns: 40 }), ascii: makePage({ ascii: true }) }

/** Runs of which everything is told that there is to tell: memory, a deadlock, an order of locks, system calls. */
const told = [
  ['stale-dma', { unmap: 'per-mapping', tasks: 2 }],
  ['open-close-deadlock', { unmap: 'device-list', tasks: 1 }],
  ['stale-dma', { unmap: 'device-list', tasks: 1 }],
  ['no-address', { profile: '5.15', tasks: 1 }],
] as const

interface Run {
  readonly scenario: string
  readonly choices: Readonly<Record<string, string | number>>
  readonly report: Report
  readonly trace: Trace
}

let runs: readonly Run[] = []
let conformed: ConformReport

const cases = {
  name: 'map.one',
  note: 'why',
  ops: [
    { op: 'open_container', as: 'c0' },
    { op: 'fork', as: 'p1', proc: 'p0' },
    { op: 'driver_of', dev: 'edu0' },
  ],
  results: [{ ret: 0 }, { ret: 0, kmsg: ['<3>DMAR'] }, { ret: 0, driver: 'vfio-pci' }],
}

beforeAll(async () => {
  runs = await Promise.all(
    told.map(async ([scenario, choices]) => {
      const { system: of, properties } = findScenario(scenario)!
      const system = of(choices)
      const report = await explore(system, properties(choices))
      const trace = replay(system, report.findings[0]!.schedule)
      return { scenario, choices, report, trace }
    }),
  )
  const written = [cases, { ...cases, name: 'question', results: undefined }, { ...cases, name: 'fails' }]
  const engines = echo(({ one, op }) => {
    if (one.name === 'fails') throw new Error('nobody has that name')
    return op.op === 'driver_of' ? errno('ENOENT') : undefined
  })
  const of = written.map((one, index) => ({ one, file: 'my.jsonl', line: index + 1 }) as never)
  const last = await lastValueFrom(conforming(of, { all: true }, engines))
  if (last.type === 'report') conformed = last.report
})

/** Everything that is printed of one run. */
const outputsOf = ({ scenario, choices, report, trace }: Run): Outputs => {
  const subject = { scenario, choices, report, traceOf: () => trace, byDefault: {} }
  const order = lockdep(trace)
  const addressOf = (): string => `${scenario}@9f3c51d07ab2:0`
  const ofRun = { of: addressOf(), fingerprint: report.fingerprint, order, addressOf, traceOf: () => trace }
  const searches = [{ scenario, column: String(choices['unmap']), choices, properties: report.properties, report }]
  const family = {
    family: scenario,
    asked: choices,
    columns: searches.map(({ column }) => column),
    searches,
    kinds: [],
  }
  const saved = { said: scenario, run: scenario }
  const wrong = wrongIn(trace)
  const drawn: string[] = []
  for (const isTTY of [true, false]) {
    let now = 0
    const view = showLine(
      { isTTY, write: (text) => drawn.push(text) },
      pages.plain,
      scenario,
      progressLine,
      () => (now += 20_000),
    )
    view.update({ ...report, findings: report.findings.map(({ title }) => title) })
  }
  return {
    ...Object.fromEntries(
      Object.entries(pages).flatMap(([name, page]) => [
        [`report, ${name}`, tellReport(subject, page, { all: true, saved })],
        [`report in short, ${name}`, tellReport(subject, page, { saved })],
        [
          `list, ${name}`,
          tellTrace(trace, page, { address: addressOf(), wrong, list: true, all: true, about: scenario }),
        ],
        [`compare, ${name}`, compareTable(scenario, [{ protocol: scenario, report, line: scenario }], page)],
        [`family, ${name}`, familyTable(family, page, { all: true })],
        [`lockdep, ${name}`, tellLockdep({ ...ofRun, of: scenario, report }, page)],
        [`lockdep of a run, ${name}`, tellLockdep(ofRun, page)],
        [
          `summary, ${name}`,
          summary([{ name: scenario, choices, byDefault: {}, report }], page, { title: scenario, left: [scenario] }),
        ],
      ]),
    ),
    // Wiping what was drawn is ours.
    progress: drawn.join('').replaceAll('\r\u001B[2A\u001B[0J', ''),
    'export mermaid': sequenceDiagram(trace),
    'export dot': traceDot(trace),
    'export sanitizer': sanitizerLog(trace),
    'export perfetto': perfetto(trace, wrong),
    'export itf': itf(trace, [], wrong),
    'export shiviz': shiviz(trace),
    'lockdep --picture mermaid': lockOrderDiagram(order),
    'lockdep --picture dot': lockOrderDot(order, scenario),
    'explore --json': printJson(exploreDocument(scenario, choices, report)),
    'compare --json': printJson(compareDocument(scenario, [{ protocol: scenario, choices, report }])),
    'lockdep --json': printJson(lockdepDocument(ofRun)),
    'replay --json': traceJson(trace, addressOf()),
  }
}

/** What came through; and where nothing of a name was shown at all, since then nothing was tried. */
const leaksOf = (group: readonly string[], outputs: Outputs): readonly string[] =>
  Object.entries(outputs).flatMap(([name, text]) => {
    const at = text.search(raw)
    if (at >= 0)
      return [`${name} has a control character: ${JSON.stringify(text.slice(Math.max(0, at - 80), at + 80))}`]
    // A narrow page may cut all of it, and break a word anywhere.
    if (name.includes('narrow')) return []
    if (!/BELOW|…|\.\.\./.test(text)) return [`${name} has no name`]
    const begun = group.length > 1 ? [] : text.split('\n').filter((line) => /^\s*BELOW/.test(line))
    return begun.map((line) => `${name} has a line that a name began: ${line}`)
  })

describe.each(groups.map((group) => [group.map(visible).join(' '), group] as const))('%s', (_, group) => {
  const spoil: Spoil = (text) => `${text.slice(0, 1)}${group.join('-')}BELOW${text.slice(1)}`

  test.each(
    told.map(
      ([scenario, { tasks, ...form }], at) => [`${scenario} ${Object.values(form).join()} with ${tasks}`, at] as const,
    ),
  )('in %s', (_name, at) => {
    const run = runs[at]!
    const { initial, threads, locks } = run.trace
    const ids = new Set([initial, threads, locks].flatMap((each) => Object.keys(each)))
    expect(leaksOf(group, outputsOf(spoilt(run, spoil, ids)))).toEqual([])
  })

  test('in cases that are compared, and in files of them', () => {
    const report = spoilt({ ...conformed, failures: [], byOp: {} }, spoil)
    const failures = conformed.failures.map(({ of, error }) => ({
      of: spoilt(of, spoil),
      error: new Error(spoil(error.message)),
    }))
    for (const [name, page] of Object.entries(pages))
      expect(
        leaksOf(group, {
          [`conform, ${name}`]: tellConform(spoil('my.jsonl'), { ...report, failures }, page, { all: true, ops: true }),
          [`conform in short, ${name}`]: tellConform(spoil('my.jsonl'), { ...report, failures }, page),
        }),
      ).toEqual([])
    expect(
      leaksOf(group, { 'conform --json': printJson(conformDocument([spoil('my.jsonl')], { ...report, failures })) }),
    ).toEqual([])
  })

  test('in machines, and in scenarios that are listed', () => {
    const { root: machine } = createMachine({
      id: spoil('m'),
      initial: spoil('free'),
      states: {
        [spoil('free')]: {},
        [spoil('held')]: {
          meta: { defers: [spoil('LOCK')] },
          entry: [spoil('enter')],
          invoke: { id: spoil('child'), src: spoil('work') },
          after: { [spoil('soon')]: { target: spoil('free') } },
          on: {
            [spoil('GO')]: [{ target: spoil('free'), guard: spoil('isHolder'), actions: [{ type: spoil('take') }] }],
          },
        },
      },
    } as Parameters<typeof createMachine>[0])
    const listed = scenarios.slice(0, 3).map(({ name, family, windows, source, why, choices, expected }) => ({
      ...spoilt({ name, family, windows, source, why, choices }, spoil, new Set(['unmap'])),
      expected,
    }))
    expect(
      leaksOf(group, {
        ...Object.fromEntries(
          Object.entries(machineFormats).map(([format, write]) => [`export ${format}`, write(machine)]),
        ),
        list: listScenarios(listed, pages.plain),
        'list --json': printJson(listDocument(listed)),
      }),
    ).toEqual([])
  })

  test('in what is complained of', () => {
    const name = spoil('name')
    const known = [name, spoil('other')]
    const complaints = [
      new errors.UserError(name, { evidence: known, possible: known, attempt: name, hint: name }),
      new errors.UserError(name, { possible: Array.from({ length: 12 }, () => 'x'.concat(name)) }),
      errors.unknownScenario(name, known),
      errors.unknownProperty(name, name, known),
      errors.unreadable(name, name),
      errors.notARun(name, false),
      errors.wrongTasks('9', name, { least: 1, most: 2 }),
      errors.noRunAnyMore([name, name], name),
      errors.notAScenario(name, { message: name, lacks: known, attempt: name }),
      errors.failedFile(name, name, known),
      errors.noCases(name, name),
      errors.noSuchCase(name, known),
      errors.wrongUsage(name),
      errors.malformedCase({
        place: { file: name, line: 1, name },
        problem: {
          fact: name,
          of: name,
          field: name,
          expected: name,
          found: { [name]: name },
          why: name,
          word: name,
          known,
        },
        others: [{ file: name, line: 2 }],
      }),
    ]
    expect(
      leaksOf(group, Object.fromEntries(complaints.map((each, at) => [`complaint ${at}`, errors.sayUserError(each)]))),
    ).toEqual([])
    const model = Object.assign(new Error(name), { problem: 'x', evidence: [[name, name]], hint: name })
    const failed = Object.assign(new Error(name), { stack: `Error: ${name}\n    at ${name}` })
    const said = errors.sayError(model).text
    // Evidence has lines; all of them stand beside each other, behind what they are evidence of.
    expect(leaksOf(group, { model: said.replace(/^ {9,}/gm, '. '), fault: errors.sayError(failed).text })).toEqual([])
  })
})

test('a word with a control character in it can be pasted into a shell', () => {
  expect(shellWord("a\u001b[31m'\\\u202e.ts")).toBe(String.raw`$'a\U0000001b[31m\'\\\U0000202e.ts'`)
})

test('what a name looks like does not change what can be seen of it', () => {
  for (const text of ['stale-dma', 'Straße → 東京', 'a "quoted" \\ name', '👩', '–']) expect(visible(text)).toBe(text)
})
