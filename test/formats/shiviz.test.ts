/**
 * A run for ShiViz, which no registry has: read with the expression that it uses by default, and held to what it asks of clocks.
 */
import { describe, expect, test } from 'vitest'
import { shiviz } from '../../report/formats/shiviz.ts'
import { laneOf } from '../../report/story.ts'
import { each } from './runs.ts'

interface Event {
  readonly event: string
  readonly host: string
  readonly clock: Readonly<Record<string, number>>
}

/** ShiViz's own default: an event, and below it a host and its clock. */
const shape = /(?<event>.*)\n(?<host>\S*) (?<clock>\{.*\})\n/g

const read = (log: string): readonly Event[] => {
  expect(log.replace(shape, '')).toBe('')
  return [...log.matchAll(shape)].map(({ groups }) => ({
    event: groups!['event']!,
    host: groups!['host']!,
    clock: JSON.parse(groups!['clock']!) as Event['clock'],
  }))
}

describe.each(each)('%s', (_, { trace }) => {
  const events = read(shiviz(trace))

  test('has an event for each step, at whom it is heard', () => {
    expect(events.map(({ event }) => Number.parseInt(event, 10))).toEqual(trace.steps.map(({ number }) => number))
    expect(events.map(({ host }) => host)).toEqual(trace.steps.map(({ to }) => laneOf(trace, to).replaceAll(' ', '_')))
  })

  test('the own entry of each host is its number of events; no other is ahead of its host', () => {
    const counts = new Map<string, number>()
    for (const { host, clock } of events) {
      counts.set(host, (counts.get(host) ?? 0) + 1)
      expect(clock[host]).toBe(counts.get(host))
      for (const [other, count] of Object.entries(clock)) expect(count).toBeLessThanOrEqual(counts.get(other) ?? 0)
    }
  })

  test('a clock is behind another exactly if a way of messages and hosts leads from one to the other', () => {
    const before = (one: Event, other: Event): boolean => (other.clock[one.host] ?? 0) >= one.clock[one.host]!
    const causes = trace.steps.map(({ sentAt, to }, at): ReadonlySet<number> => {
      const last = trace.steps.slice(0, at).findLastIndex((step) => laneOf(trace, step.to) === laneOf(trace, to))
      return new Set([sentAt - 1, last].filter((cause) => cause >= 0))
    })
    const past = causes.reduce<ReadonlySet<number>[]>(
      (known, own, at) => [...known, new Set([at, ...[...own].flatMap((cause) => [...known[cause]!])])],
      [],
    )
    for (const [at, event] of events.entries())
      expect(events.slice(0, at + 1).flatMap((each, i) => (before(each, event) ? i : []))).toEqual(
        [...past[at]!].sort((a, b) => a - b),
      )
  })
})
