/**
 * One question about XState machines in a process of its own.
 *   node xstate-child.js machine|paths|map|actors|components|schedules|nothing <n>   prints one line of JSON
 */
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph'
import { explore as exploreSystem } from '../explore/index.ts'
import { always, explore, system } from '../process/index.ts'
import { crew } from './crew.ts'
import { twoPhase, twoPhaseEvents } from './two-phase.ts'
import { twoPhaseActors } from './two-phase-actors.ts'
import { twoPhaseClaims, twoPhaseComponents } from './two-phase-components.ts'

interface Counted {
  readonly states: number
  readonly steps?: number
}

const [question, size] = process.argv.slice(2)
const n = Number(size)

const agreed = always('nobody commits while another aborts', ({ root }) => {
  const { participants } = root.context as { readonly participants: readonly string[] }
  return !(participants.includes('committed') && participants.includes('aborted'))
})

const questions: Readonly<Record<string, () => Promise<Counted> | Counted>> = {
  machine: () => explore(system(twoPhase(n), { events: twoPhaseEvents(n) }), [agreed]),
  paths: () => ({ states: getShortestPaths(twoPhase(n), { events: twoPhaseEvents(n) }).length }),
  map: () => ({ states: Object.keys(getAdjacencyMap(twoPhase(n), { events: twoPhaseEvents(n) })).length }),
  actors: () => explore(twoPhaseActors(n)),
  // As many states as there are: participants that are alike would count once.
  components: () => exploreSystem(twoPhaseComponents(n), twoPhaseClaims, { symmetry: false }),
  crew: () => explore(crew(n)),
  schedules: () => explore(crew(n), [], { search: { random: { seed: 1, runs: 20_000 } }, within: { depth: 20 } }),
  nothing: () => ({ states: 0 }),
}

const started = performance.now()
const before = process.cpuUsage()
const { states, steps } = await questions[question!]!()
const { user, system: kernel } = process.cpuUsage(before)
process.stdout.write(
  `${JSON.stringify({ states, steps, wall: (performance.now() - started) / 1000, cpu: (user + kernel) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 })}\n`,
)
