/**
 * How far off estimates are (explore/breadth/estimate.ts): `npm run bench:estimates -- <states of a level> [least states] [U.P.M.R…]` searches each
 * built-in world of at least so many states (3,000), or worlds of these sizes, and says what would have been told when a tenth, a fifth and a half of its
 * states were known.
 */
import { toSystem } from '../actors/running/system.ts'
import { estimated } from '../explore/breadth/estimate.ts'
import { explore, thinning } from '../explore/index.ts'
import type { Property, System } from '../explore/system.ts'
import { printSubject } from '../report/address.ts'
import { decided } from '../scenarios/choices.ts'
import { scenarios } from '../scenarios/index.ts'
import { median, percent } from './numbers.ts'
import { sizeOf, unmapWorld } from './worlds.ts'

interface World {
  readonly name: string
  readonly system: System<any>
  readonly properties: readonly Property[]
}

const shares = [0.1, 0.2, 0.5] as const

const [most = '200', least = '3000', ...sizes] = process.argv.slice(2)

function* builtIn(): Iterable<World> {
  for (const scenario of scenarios)
    for (const each of scenario.expected) {
      if (each.states < Number(least)) continue
      const choices = decided(scenario.choices, each)
      yield {
        name: printSubject(scenario.name, choices),
        system: scenario.system(choices),
        properties: scenario.properties(choices),
      }
    }
}

function* ofSizes(): Iterable<World> {
  for (const size of sizes)
    yield { name: `restart ${size}`, system: toSystem(unmapWorld('restart', sizeOf(size))), properties: [] }
}

const within = (all: readonly number[], factor: number): number =>
  all.filter((each) => each >= 1 / factor && each <= factor).length

const offs: (readonly number[])[] = []
const parts: number[] = []
for (const { name, system, properties } of sizes.length > 0 ? ofSizes() : builtIn()) {
  const { frontier, states } = await explore(system, properties, { shortest: false })
  const search = thinning(system, properties, {}, Number(most))
  while (search.run.next().done !== true);
  const { widths, expanded } = search.thinned!
  const off = shares.map((share) => {
    let known = 0
    const levels = frontier.findIndex((width) => (known += width) >= share * states) + 1
    return estimated(frontier.slice(0, levels), widths, Number(most)) / states
  })
  offs.push(off)
  parts.push(expanded / states)
  const said = off.map((each) => each.toFixed(2)).join('  ')
  process.stdout.write(`${said}  ${name}: ${states} states, ${expanded} looked into, widest ${Math.max(...frontier)}\n`)
}
for (const [index, share] of shares.entries()) {
  const all = offs.map((off) => off[index]!)
  process.stdout.write(
    `${percent(share)} known: ${within(all, 1.5)} of ${all.length} within a factor of 1.5, ${within(all, 2)} of 2, ` +
      `from ${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}\n`,
  )
}
process.stdout.write(`looked into for that: ${percent(median(parts))} of the states (median)\n`)
