/** Addresses and saved traces: one way to write each, and nothing in them that is passed over. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAddress, parseSubject, printAddress, printSchedule, printSubject } from '../../report/address.ts'
import { UserError } from '../../report/errors.ts'
import { causesOf, type Recorded, type RecordedTrace } from '../../explore/runs/causes.ts'
import { readTraceJson, traceJson } from '../../report/formats/json.ts'
import { useAfterFree } from './fixture.ts'

describe('addresses', () => {
  test('as the contract writes them', () => {
    const text = 'stale-dma,unmap=per-mapping@9f3c51d07ab2:0x12.1.0.2x3'
    const address = parseAddress(text)
    expect(address).toMatchObject({
      scenario: 'stale-dma',
      choices: { unmap: 'per-mapping' },
      fingerprint: '9f3c51d07ab2',
    })
    expect(address.schedule).toHaveLength(17)
    expect(printAddress(address)).toBe(text)
  })

  test('print and parse are inverse, whatever a path looks like', () => {
    const part = fc.constantFrom(
      'stale-dma',
      './my',
      'file@v2',
      ',',
      'ird=x',
      '%',
      '2C',
      '2c',
      '25',
      '#',
      '=',
      '.ts',
      ' ',
      'a',
    )
    const names = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `x${parts.join('')}`)
    const choices = fc.record(
      { unmap: fc.constantFrom('restart', 'gated'), own: fc.constant('x'), tasks: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: [] },
    )
    const schedule = fc.array(fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(names, choices, schedule, (scenario, chosen, taken) => {
        const address = { scenario, choices: chosen, fingerprint: '9f3c51d07ab2', schedule: taken }
        expect(parseAddress(printAddress(address))).toEqual(address)
        expect(parseSubject(printSubject(scenario, chosen))).toEqual({ scenario, choices: chosen })
      }),
    )
  })

  test.each([
    ['stale-dma', 'It has no @fingerprint:schedule.'],
    ['stale-dma@', 'which is not fingerprint:schedule'],
    ['stale-dma@9f3c', 'which is not fingerprint:schedule'],
    ['a@9f3c:0..1', '`` is neither a choice'],
    ['a@9f3c:1x', '`1x` is neither a choice'],
    ['a@9f3c:0x01', '`0x01` is neither a choice'],
    ['a@9f3c:00', '`00` is neither a choice'],
    ['a@9f3c:1.007.0', '`007` is neither a choice'],
    ['a@9f3c:-1', '`-1` is neither a choice'],
    ['a@9f3c:1e3', '`1e3` is neither a choice'],
    ['a@9f3c:9999999999999999', 'is neither a choice'],
    ['a@9f3c:0x0', 'repeats a choice 0 times'],
    ['a@9f3c:0x99999999', 'repeats a choice 99999999 times'],
    ['a,tasks=none@9f3c:0', 'tasks=none is not a number of tasks.'],
    ['a,tasks=0@9f3c:0', 'tasks=0 is not a number of tasks.'],
    ['a,tasks=2,tasks=2@9f3c:0', 'a,tasks=2,tasks=2 chooses tasks twice.'],
    ['a,unmap=restart,tasks=2,unmap=gated@9f3c:0', 'chooses unmap twice.'],
    ['./a.ts,constructor=x,constructor=y@9f3c:0', 'chooses constructor twice.'],
  ])('refuses %s', (text, why) => {
    const error = complaintOf(() => parseAddress(text))
    expect(`${error.message} ${error.about.evidence?.join(' ')}`).toContain(why)
  })

  test('the empty run', () => {
    expect(printSchedule([])).toBe('')
    expect(parseAddress('a@9f3c:').schedule).toEqual([])
  })

  test('have choices with names that every object has like any other', () => {
    expect(parseAddress('a,constructor=x,toString=y@9f3c:0').choices).toEqual({ constructor: 'x', toString: 'y' })
  })

  test('take as long as they are, however much is chosen', () => {
    const letters = (n: number): string => [...`${n}`].map((digit) => 'abcdefghij'[Number(digit)]).join('')
    const many = Array.from({ length: 100_000 }, (_, n) => `,${letters(n)}=x`).join('')
    expect(Object.keys(parseAddress(`a${many}@9f3c:0`).choices)).toHaveLength(100_000)
    const [error] = [complaintOf(() => parseAddress(`a${many}${many}@9f3c:0`))]
    expect(error.message.length).toBeLessThan(300)
  })

  test('a comma in a path is told from a choice by the files there are, where it was typed', () => {
    const there =
      (...files: readonly string[]) =>
      (name: string) =>
        files.includes(name)
    expect(parseSubject('./we,ird=x.ts,tasks=2', there('./we,ird=x.ts'))).toEqual({
      scenario: './we,ird=x.ts',
      choices: { tasks: 2 },
    })
    expect(parseSubject('./we,ird=x.ts', there('./we'))).toEqual({ scenario: './we', choices: { ird: 'x.ts' } })
    expect(parseSubject('a,ird=x.jsonl#race,profile=6.1', there('a,ird=x.jsonl#race'))).toEqual({
      scenario: 'a,ird=x.jsonl#race',
      choices: { profile: '6.1' },
    })
    expect(parseSubject('a,ird=x.jsonl#race', there('a,ird=x.jsonl#race'))).toEqual({
      scenario: 'a,ird=x.jsonl#race',
      choices: {},
    })
    expect(printSubject('./we,ird=x.ts', { tasks: 2 })).toBe('./we%2Cird=x.ts,tasks=2')
  })
})

const trace = useAfterFree()
const address = printAddress({
  scenario: './we,ird=x.ts',
  choices: { unmap: 'per-mapping', tasks: 2 },
  fingerprint: '9f3c51d07ab2',
  schedule: trace.steps.map(({ choice }) => choice),
})
const saved = JSON.parse(traceJson(trace, address, { shortest: true })) as Record<string, unknown> & {
  schedule: number[]
  names: string[]
  trace: RecordedTrace
}

const complaintOf = (make: () => unknown): UserError => {
  try {
    make()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('nothing is wrong with it')
}

describe('a saved trace', () => {
  const read = (change: object) => readTraceJson(JSON.stringify({ ...saved, ...change }), 'x.trace.json')

  test('is read as it was written, with the order of its causes; without a run that is read off the names', () => {
    const { version: _version, trace: written, ...run } = saved
    expect(read({})).toEqual({ ...run, recorded: causesOf(written) })
    const { recorded, ...bare } = read({ trace: undefined, shortest: undefined })
    expect(bare).toEqual({ ...run, shortest: undefined })
    const order = ({ steps }: Recorded) => steps.map((step) => ({ ...step, fields: undefined }))
    expect(order(recorded)).toEqual(order(causesOf(written)))
  })

  test.each([
    ['{}', 'Its version is undefined; this relock reads 1.'],
    ['[]', 'Its version is undefined; this relock reads 1.'],
    ['null', 'Its version is undefined; this relock reads 1.'],
    ['{', 'JSON'],
    ['{"version":1,"version":1}', 'It has "version" twice; expected each name once.'],
    [
      `{"version":1,"trace":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      'trace[0][0][0] holds lists and records in each other',
    ],
  ])('is not %s', (text, why) => {
    const error = complaintOf(() => readTraceJson(text, 'x.json'))
    expect(error.message).toBe('x.json is not a trace saved by relock.')
    expect(error.about.evidence?.join()).toContain(why)
  })

  test.each([
    [{ version: 2 }, 'Its version is 2; this relock reads 1.'],
    [{ address: undefined }, 'address is missing; expected the address of a run.'],
    [{ address: 'stale-dma' }, 'address: Not an address: stale-dma'],
    [{ address: 'stale-dma@9f3c51d07ab2:0.x02' }, '`x02` is neither a choice'],
    [{ schedule: ['0'] }, 'schedule[0] is "0"; expected a whole number of 0 or more.'],
    [{ schedule: [0.5] }, 'schedule[0] is 0.5; expected a whole number of 0 or more.'],
    [{ names: [null] }, 'names[0] is null; expected a text.'],
    [{ names: {} }, 'names is {}; expected names of steps'],
    [{ choices: { tasks: null } }, 'choices.tasks is null; expected a word or a number.'],
    [
      { shedule: [] },
      'shedule is not known; expected version, address, scenario, choices, fingerprint, schedule, shortest, shows, names, followed, trace. Did you mean "schedule"?',
    ],
  ])('of which something is not right is refused with the place: %j', (change, why) => {
    const error = complaintOf(() => read(change))
    expect(error.message).toBe('x.trace.json is not a trace saved by relock.')
    expect(error.about.evidence?.join()).toContain(why)
  })

  test.each([
    [{ scenario: 'stale-dma' }, 'scenario is "stale-dma", in its address "./we,ird=x.ts"'],
    [{ choices: { unmap: 'restart', tasks: 2 } }, 'choices.unmap is "restart", in its address "per-mapping"'],
    [{ choices: { unmap: 'per-mapping' } }, 'choices.tasks is undefined, in its address 2'],
    [{ choices: { unmap: 'per-mapping', tasks: 2, own: 'x' } }, 'choices.own is "x", in its address undefined'],
    [{ fingerprint: '9f3c51d07ab3' }, 'fingerprint is "9f3c51d07ab3", in its address "9f3c51d07ab2"'],
    [{ schedule: saved.schedule.with(3, 7) }, `schedule[3] is 7, in its address ${saved.schedule[3]}`],
    [{ schedule: [...saved.schedule, 0] }, `the length of schedule is ${saved.schedule.length + 1}, in its address`],
    [{ schedule: saved.schedule.slice(1, 1) }, 'schedule[0] is undefined, in its address 1'],
    [{ names: saved.names.slice(1) }, 'the length of names is'],
    [
      { names: saved.names.with(2, 'vmm0 → type1 PEEK') },
      `names[2] is "vmm0 → type1 PEEK", and in its trace "${saved.names[2]}"`,
    ],
    [
      { trace: { ...saved.trace, steps: saved.trace.steps.map((step) => ({ ...step, sentAt: step.sentAt + 99 })) } },
      'trace.steps[0].sentAt is 99, which comes behind it',
    ],
  ])('that says something else than its address is refused with the place: %j', (change, why) => {
    expect(complaintOf(() => read(change)).message).toContain(`x.trace.json contradicts itself: ${why}`)
  })
})
