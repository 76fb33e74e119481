/** The commands, one to a file. */
import { Command } from 'commander'
import { versionOf } from '../explore/version.ts'
import { checkCommand } from './check.ts'
import { compareCommand } from './compare.ts'
import { completionCommand } from './completion.ts'
import { conformCommand } from './conform.ts'
import { exploreCommand } from './explore.ts'
import { exportCommand } from './export.ts'
import type { Desk } from './desk.ts'
import type { Done } from './flags.ts'
import { listCommand } from './list.ts'
import { lockdepCommand } from './lockdep.ts'
import { machinesCommand } from './machines.ts'
import { replayCommand } from './replay.ts'
import { showCommand } from './show.ts'
import { swarmCommand } from './swarm.ts'
import { workerCommand } from './swarm-worker.ts'
import { walkCommand } from './walk.ts'
import { watchCommand } from './watch.ts'

/** In the order in which the help lists them. */
const commands = [
  listCommand,
  exploreCommand,
  watchCommand,
  checkCommand,
  replayCommand,
  showCommand,
  walkCommand,
  compareCommand,
  lockdepCommand,
  conformCommand,
  swarmCommand,
  workerCommand,
  machinesCommand,
  exportCommand,
  completionCommand,
]

export const program = (desk: Desk, done: Done): Command => {
  const root = new Command('relock')
    .version(versionOf(), '-V, --version', 'the version')
    .description('What can another thread do between the unlock and the relock? Explores every order.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => desk.out.write(text),
      writeErr: (text) => desk.err.write(text),
      getOutHelpWidth: () => desk.out.columns ?? 80,
      getErrHelpWidth: () => desk.err.columns ?? 80,
      outputError: () => {},
    })
    // Every verb has options, and there are few columns.
    .configureHelp({
      subcommandTerm: (verb) => `${verb.name()} ${verb.usage().replace('[options]', '').trim()}`.trim(),
      minWidthToWrap: 20,
    })
  for (const add of commands) add(root, desk, done)
  return root
}
