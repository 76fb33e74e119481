/** A machine by itself is searched over numbers: it comes to the same as with actors that are held on to, state for state and word for word. */
import { describe, expect, test } from 'vitest'
import { assign, setup, type AnyStateMachine } from 'xstate'
import { explore as exploreSystem } from '../../explore/index.ts'
import { NotNumbered, NumberedSearch, reportOf } from '../../explore/numbered.ts'
import type { ExploreOptions } from '../../explore/options.ts'
import type { Report } from '../../explore/report.ts'
import type { Property } from '../../explore/system.ts'
import { always, eventually, explore, neverLost, sometimes, system, type Outside } from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'
import { twoPhase, twoPhaseEvents } from '../../bench/two-phase.ts'
import { machineOf } from './machines.ts'

const properties: readonly Property[] = [
  always('three is never reached', (w) => w.root.context.n < 3),
  always('half is in b', (w) => !w.root.hasTag('half') || w.root.matches('b')),
  sometimes('said', (w) => w.emitted('said') || w.emitted('loud')),
  sometimes('in a by name', (w) => w.actor('root')?.matches('a') === true),
  eventually('in d', (w) => w.root.matches('d')),
  neverLost('A'),
]

const withoutTime = (report: Report) => ({ ...report, seconds: 0, bytesPerState: 0 })

/** Throws NotNumbered where it cannot be had. */
const quickly = (
  logic: AnyStateMachine,
  outside: Outside,
  options: ExploreOptions = {},
  claims: readonly Property[] = properties,
) => {
  const actors = systemOf(logic, { ...outside, properties: claims })
  const found = new NumberedSearch(actors.numbered!()!, claims, options)
  for (const _ of found.run(0)) continue
  const report = reportOf(actors, found, claims, options, 0)
  return { ...withoutTime(report), ...actors.besides!(report) }
}

/** With actors: whoever asks what was taken is served so. */
const ordinarily = async (logic: AnyStateMachine, outside: Outside, options: ExploreOptions = {}) => {
  const actors = systemOf(logic, { ...outside, properties })
  const report = await exploreSystem(actors, properties, { ...options, onTaken: () => {} })
  const findings = report.findings.filter(({ kind }) => kind !== 'livelock')
  return withoutTime({ ...report, findings })
}

const outside: Outside = {
  events: ['A', { type: 'B', by: 1 }, { type: 'B', by: 2 }, { send: 'C', times: 2 }],
  ignores: ['C'],
}

const machines = 40

test(`${machines} machines put together by chance`, async () => {
  let states = 0
  for (let seed = 1; seed <= machines; seed++) {
    const options: ExploreOptions = { within: { states: 60 }, ignored: seed % 2 === 0 ? 'fail' : 'show' }
    const quick = quickly(machineOf(seed), outside, options)
    expect({ seed, ...quick }).toEqual({ seed, ...(await ordinarily(machineOf(seed), outside, options)) })
    states += quick.states
  }
  expect(states).toBeGreaterThan(machines * 20)
})

test('two-phase commit as one machine has the states that it is known to have', () => {
  const states = (participants: number) =>
    quickly(twoPhase(participants) as unknown as AnyStateMachine, { events: twoPhaseEvents(participants) }, {}, [])
      .states
  expect([3, 4, 5].map(states)).toEqual([288, 1568, 8832])
})

describe('actors are held on to where', () => {
  const machine = (context: object, actions: unknown): AnyStateMachine =>
    setup({}).createMachine({ id: 'm', context, on: { GO: { actions } } } as never) as unknown as AnyStateMachine
  const isQuick = (logic: AnyStateMachine): boolean => {
    try {
      return quickly(logic, { events: [{ send: 'GO', times: 3 }] }, {}, []).states > 0
    } catch (cause) {
      if (cause instanceof NotNumbered) return false
      // There is none to begin with.
      if (cause instanceof TypeError) return false
      throw cause
    }
  }
  const count = assign({ n: ({ context }: any) => context.n + 1 })

  test('the context is more than plain data', () => {
    expect(isQuick(machine({ n: 0 }, count))).toBe(true)
    expect(isQuick(machine({ n: 0, at: new Map() }, count))).toBe(false)
  })

  test('an assign looks at the actor itself', () => {
    expect(isQuick(machine({ n: 0 }, assign({ n: ({ self }: any) => self.id.length })))).toBe(false)
    const tries = assign({
      n: ({ self }: any) => {
        try {
          return self.id.length
        } catch {
          return 0
        }
      },
    })
    expect(isQuick(machine({ n: 0 }, tries))).toBe(false)
  })

  test('an assign writes into what it was given', () => {
    const writes = assign({
      list: ({ context }: any) => {
        context.list.push(1)
        return context.list
      },
    })
    expect(isQuick(machine({ list: [] }, writes))).toBe(false)
  })
})

test('an error in a state that is far away is told as it is elsewhere', async () => {
  const counting = setup({}).createMachine({
    id: 'm',
    context: { n: 0 },
    on: {
      MORE: {
        actions: assign(({ context }: any) => {
          if (context.n === 5) throw new RangeError('no more')
          return { n: context.n + 1 }
        }),
      },
    },
  } as never)
  const { findings, states } = await explore(system(counting as never))
  expect(states).toBe(6)
  expect(findings).toMatchObject([{ kind: 'uncaught', title: 'uncaught RangeError: no more', depth: 6 }])
})

test('a guard that looks at dice is refused', async () => {
  const late = setup({}).createMachine({
    id: 'm',
    context: { n: 0 },
    on: {
      GO: { guard: ({ context }: any) => context.n > 2 && Math.random() < 2, actions: assign({}) },
      MORE: { actions: assign({ n: ({ context }: any) => Math.min(context.n + 1, 4) }) },
    },
  } as never)
  await expect(explore(system(late as never))).rejects.toThrow('uses Math.random')
})
