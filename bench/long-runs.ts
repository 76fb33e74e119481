/** How far one machine goes: states by memory and time, and what it costs to keep a search. `npm run bench:long <digits> [folder]`. */
import { checkpointIn, explore } from '../explore/door.ts'
import { counters } from './counters.ts'

const [digits = '6', folder] = process.argv.slice(2)
const checkpoint = folder === undefined ? {} : { checkpoint: checkpointIn(folder) }
const { states, steps, seconds, bytesPerState } = await explore(counters(Number(digits)), [], checkpoint)
const { user, system } = process.cpuUsage()
const peak = process.resourceUsage().maxRSS / 1024
process.stdout.write(
  `${states} states, ${steps} steps, ${seconds.toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(1)} s, ` +
    `${bytesPerState.toFixed(1)} bytes a state, peak ${peak.toFixed(0)} MB\n`,
)
