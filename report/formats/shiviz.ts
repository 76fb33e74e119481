/**
 * ShiViz: two lines for each event, in the form that it reads by default. A host is a thread with its calls, or an object; its clock counts
 * what it has heard, and what it knows of others' counts from the messages.
 */
import type { Trace } from '../../explore/runs/trace.ts'
import { laneOf, sentence, tellStep } from '../story.ts'
import { visible } from '../words.ts'

/** ShiViz ends the name of a host at the first blank. */
const hostName = (lane: string): string => visible(lane).replace(/\s/g, '_')

type Clock = ReadonlyMap<string, number>

export const shiviz = (trace: Trace): string => {
  const clocks = new Map<string, Clock>()
  const sent: Clock[] = [new Map()]
  const lines = trace.steps.map((step) => {
    const host = hostName(laneOf(trace, step.to))
    const clock = new Map(clocks.get(host))
    for (const [other, count] of sent[step.sentAt]!) clock.set(other, Math.max(count, clock.get(other) ?? 0))
    clock.set(host, (clocks.get(host)?.get(host) ?? 0) + 1)
    clocks.set(host, clock)
    sent.push(clock)
    const found = step.findings.map(({ title }) => ` ✗ ${title}`).join('')
    const words = visible(`${step.number} ${sentence(tellStep(trace, step))}${found}`)
    return `${words}\n${host} ${JSON.stringify(Object.fromEntries(clock))}\n`
  })
  return lines.join('')
}
