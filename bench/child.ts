/**
 * One exploration in a process of its own, so that its processor time and memory are nobody else's.
 *   node child.js <protocol> <U.P.M.R> <det> <retry bound> reduced|full all|first orbits|all   prints one line of JSON
 */
import type { Protocol } from '../actors/kernel/unmap/protocol-names.ts'
import { toSystem } from '../actors/running/system.ts'
import { explore } from '../explore/index.ts'
import type { Component, System } from '../explore/system.ts'
import type { Exploration } from './relock.ts'
import { sizeOf, unmapWorld } from './worlds.ts'

const [protocol, size, det, retryBound, mode, until, symmetry] = process.argv.slice(2)

/** Milliseconds spent asking machines what they do. */
let asking = 0

/** Each question is asked once and then remembered, so a clock around them costs next to nothing. */
function clocked<Answer>(ask: () => Answer): Answer {
  const started = performance.now()
  try {
    return ask()
  } finally {
    asking += performance.now() - started
  }
}

const timedComponent = (each: Component): Component => ({
  ...each,
  accepts: (local, message) => clocked(() => each.accepts(local, message)),
  receive: (local, message) => clocked(() => each.receive(local, message)),
  ...(each.confirm && { confirm: (local, message) => clocked(() => each.confirm!(local, message)) }),
})

const timed = (system: System<any>): System<any> => ({ ...system, components: system.components.map(timedComponent) })

const world = unmapWorld(protocol as Protocol, sizeOf(size!), Number(det) as 0 | 1 | 2, Number(retryBound))
const system = timed(toSystem(world))
const before = process.cpuUsage()
const report = await explore(system, [], {
  reduction: mode === 'reduced',
  symmetry: symmetry === 'orbits',
  stopAtFirst: until === 'first',
})
const { user, system: kernel } = process.cpuUsage(before)
const [first] = report.findings
const exploration: Exploration = {
  states: report.states,
  steps: report.steps,
  depth: report.depth,
  bytesPerState: report.bytesPerState,
  exhaustive: report.exhaustive,
  findings: report.findings.length,
  ...(first && { first: { title: `${first.kind}: ${first.title}`, depth: first.depth, shortest: first.shortest } }),
  wall: report.seconds,
  cpu: (user + kernel) / 1e6,
  asking: asking / 1e3,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
}
process.stdout.write(`${JSON.stringify(exploration)}\n`)
