/** A run in the Informal Trace Format, as Quint reads it. */
import { ofItf, type ItfTrace } from '@informalsystems/quint/dist/src/itf.js'
import type { QuintEx } from '@informalsystems/quint/dist/src/ir/quintIr.js'
import { describe, expect, test } from 'vitest'
import { itf, variableOf } from '../../report/formats/itf.ts'
import { stepNames } from '../../report/formats/json.ts'
import { each, runs, type Exported } from './runs.ts'

const written = ({ trace, start, wrong }: Exported): ItfTrace => JSON.parse(itf(trace, start, wrong)) as ItfTrace

/** What Quint holds, as data of ours: a variant None is nothing, a map from text a record. */
const dataOf = (value: QuintEx): unknown => {
  switch (value.kind) {
    case 'bool':
    case 'int':
    case 'str':
      return value.value
    case 'name':
      return Number(value.name)
    case 'app':
      break
    default:
      throw new Error(`no value: ${value.kind}`)
  }
  const args = value.args
  const pairs = (list: readonly QuintEx[]): [string, unknown][] =>
    list.flatMap((name, at) => (at % 2 === 0 ? [[dataOf(name) as string, dataOf(list[at + 1]!)]] : []))
  switch (value.opcode) {
    case 'Rec':
      return Object.fromEntries(pairs(args))
    case 'Map':
      return Object.fromEntries(args.flatMap((pair) => pairs((pair as QuintEx & { kind: 'app' }).args)))
    case 'variant':
      return dataOf(args[0]!) === 'None' ? null : dataOf(args[1]!)
    default:
      return args.map(dataOf)
  }
}

/** As the format has it: whole numbers are integers of any size, a field without a value is none. */
const asRead = (data: unknown): unknown => {
  if (Number.isInteger(data)) return BigInt(data as number)
  if (Array.isArray(data)) return data.map((each) => asRead(each ?? null))
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).flatMap(([name, x]) => (x === undefined ? [] : [[name, asRead(x)]])))
}

describe.each(each)('%s', (_, run) => {
  const { trace, start } = run
  const document = written(run)
  const states = ofItf(document).map(dataOf) as readonly Readonly<Record<string, any>>[]

  test('has a state more than steps, and each says what every actor is in', () => {
    const now: Record<string, unknown> = { ...trace.initial }
    const expected = [{ ...now }, ...trace.steps.map(({ to, after }) => ({ ...Object.assign(now, { [to]: after }) }))]
    for (const [at, state] of states.entries())
      expect(
        Object.fromEntries(Object.keys(trace.initial).map((id) => [id, state[variableOf(id)]])),
        `state ${at}`,
      ).toEqual(asRead(expected[at]))
    expect(states).toHaveLength(trace.steps.length + 1)
  })

  test('says which step led to a state, and what is in flight', () => {
    expect(states.map((state) => state['mbt::actionTaken'])).toEqual(['init', ...stepNames(trace)])
    expect(states.map((state) => state['mbt::nondetPicks'].choice)).toEqual([
      null,
      ...trace.steps.map(({ choice }) => BigInt(choice)),
    ])
    const sent = trace.steps.flatMap(({ sends }) => sends)
    expect(states[0]!['in flight']).toEqual(asRead(start))
    expect(states.at(-1)!['in flight']).toHaveLength(start.length + sent.length - trace.steps.length)
  })

  test('names the variables that each state has, and no others', () => {
    for (const { '#meta': _, ...state } of document.states as unknown as readonly object[] & { '#meta'?: unknown }[])
      expect(Object.keys(state)).toEqual(document.vars)
  })
})

test('a run that goes round leads from its last state to the one after the first step of the round', () => {
  const { loop, states } = written(runs['a run that goes round for ever']) as ItfTrace & { readonly loop: number }
  const plain = (at: number): unknown => {
    const {
      '#meta': _,
      'mbt::actionTaken': __,
      'mbt::nondetPicks': ___,
      ...state
    } = states[at] as Record<string, unknown>
    return state
  }
  expect(plain(states.length - 1)).toEqual(plain(loop - 1))
})
