/** What may come from outside: offered by a component in its local state, taken or not, gone when it is not offered any more. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Component, Message, System } from '../../explore/system.ts'

interface Lamp {
  readonly lit: boolean
  readonly pressed: number
}

const offer = (from: string, type: string): Message => ({ from, type })

/** A lamp with a switch, pressed three times at most, and a bulb that may fail while it is lit. */
const lamp = (offers: (local: Lamp) => readonly Message[] = offersOf): System<Lamp> => ({
  name: 'lamp',
  fingerprint: 'lamp1',
  components: [
    {
      id: 'lamp',
      initial: { lit: false, pressed: 0 },
      offers,
      accepts: () => true,
      receive: ({ lit, pressed }, { type }) => ({
        local: type === 'fails' ? { lit: false, pressed: 3 } : { lit: !lit, pressed: pressed + 1 },
        sends: [],
        findings: [],
        notes: [],
        ignored: false,
      }),
      key: ({ lit, pressed }) => `${lit} ${pressed}`,
      show: ({ lit, pressed }) => ({ state: lit ? 'lit' : 'dark', data: { pressed } }),
    } satisfies Component<Lamp>,
  ],
  start: [],
  view: (read) => read('lamp') as Lamp,
})

const offersOf = ({ lit, pressed }: Lamp): readonly Message[] => [
  ...(pressed < 3 ? [offer('hand', lit ? 'off' : 'on')] : []),
  ...(lit ? [offer('bulb', 'fails')] : []),
]

describe('what is offered from outside', () => {
  test('is taken in every order, and no state is told from another by what was offered before', async () => {
    const report = await explore(lamp(), [
      sometimes('lit at the end', ({ lit, pressed }) => lit && pressed === 3),
      always('dark once all was pressed', ({ lit, pressed }) => pressed < 3 || !lit),
    ])
    expect(report.exhaustive).toBe(true)
    expect(report.states).toBe(5)
    expect(report.steps).toBe(5)
    expect(report.properties.map(({ verdict, depth }) => [verdict, depth])).toEqual([
      ['seen', 3],
      ['violated', 3],
    ])
    expect(report.findings).toEqual([])
  })

  test('has its name in a schedule, and stands there by its source and its type', () => {
    const trace = replay(lamp(), ['hand → lamp on', 'bulb → lamp fails'])
    expect(trace.steps[1]!.possible).toEqual(['bulb → lamp fails', 'hand → lamp off'])
    expect(trace.steps.map(({ sentAt }) => sentAt)).toEqual([0, 0])
    expect(trace.end).toBe('finished')
  })

  test('is the same for whoever samples', async () => {
    const report = await explore(lamp(), [sometimes('lit', ({ lit }) => lit)], {
      search: { random: { seed: 1, runs: 20 } },
    })
    expect(report.properties[0]!.verdict).toBe('seen')
  })

  test('must differ by source or type', async () => {
    const twice = () => [offer('hand', 'on'), offer('hand', 'on')]
    await expect(explore(lamp(twice))).rejects.toThrow('no two with the same type and from')
  })

  test('is tried before anything is delivered to that component alone, though it may be gone afterwards', async () => {
    const takesOne: System<null> = {
      name: 'takes one',
      fingerprint: 'one1',
      components: [
        {
          id: 'door',
          initial: 'shut',
          offers: (local: string) => (local === 'shut' ? [offer('hand', 'opens'), offer('wind', 'breaks')] : []),
          accepts: () => true,
          receive: (_, { type }) => ({ local: type, sends: [], findings: [], notes: [], ignored: false }),
          key: (local) => local,
          show: (state) => ({ state, data: {} }),
          waits: (local) => local === 'breaks',
        } satisfies Component<string>,
        // Offered nothing, for its sake others may be delivered to alone.
        {
          id: 'bystander',
          initial: null,
          accepts: () => true,
          receive: (local) => ({ local, sends: [], findings: [], notes: [], ignored: true }),
          key: String,
          show: () => ({ state: 'stands', data: {} }),
        },
      ],
      start: [],
      view: () => null,
    }
    for (const reduction of [true, false]) {
      const { states, findings } = await explore(takesOne, [], { reduction })
      expect({ states, deadlocks: findings.map(({ kind }) => kind) }).toEqual({ states: 3, deadlocks: ['deadlock'] })
    }
  })
})
