/** What breaks where actors live apart is searched for once more where they live together. */
import { searching } from '../explore/index.ts'
import type { Report } from '../explore/outcome/report.ts'
import type { Property, System } from '../explore/system.ts'

/** Together there are fewer states; so many are looked at in any case, and so many milliseconds spent. */
const least = { states: 1000, ms: 5000 }

const brokenIn = ({ findings, properties }: Report): readonly string[] => [
  ...new Set([
    ...findings.map(({ title }) => title),
    ...properties.flatMap(({ name, verdict }) => (verdict === 'violated' ? [name] : [])),
  ]),
]

/** In words; nothing where nothing broke. */
export const onlyApart = (
  report: Report,
  together: () => System<any>,
  properties: readonly Property[],
): readonly string[] => {
  const broken = brokenIn(report)
  if (broken.length === 0) return []
  const within = {
    states: Math.max(least.states, report.states),
    ms: Math.max(least.ms, Math.round(report.seconds * 2000)),
  }
  const search = searching(together(), properties, { within })
  let step = search.next()
  while (!step.done) step = search.next()
  const { exhaustive, states } = step.value
  const there = brokenIn(step.value)
  const [both, only] = [
    broken.filter((title) => there.includes(title)),
    broken.filter((title) => !there.includes(title)),
  ]
  return [
    ...(only.length === 0
      ? []
      : [`Only under network: ${only.join('; ')}. ${exhaustive ? seenAll(states) : seenSome(states)}`]),
    ...(both.length === 0 ? [] : [`Under process, too: ${both.join('; ')}.`]),
  ]
}

const seenAll = (states: number): string =>
  `Under process, of which every state was seen (${states}), there is no such run.`

const seenSome = (states: number): string => `Under process it was not seen in ${states} states, which are not all.`
