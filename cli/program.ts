/** The commands, one to a file. */
import { Command } from 'commander'
import { versionOf } from '../explore/version.ts'
import { checkCommand } from './verbs/check.ts'
import { compareCommand } from './verbs/compare.ts'
import { completionCommand } from './verbs/completion.ts'
import { conformCommand } from './verbs/conform.ts'
import { exploreCommand } from './verbs/explore.ts'
import { exportCommand } from './verbs/export.ts'
import type { Desk } from './desk.ts'
import type { Done } from './flags.ts'
import { listCommand } from './verbs/list.ts'
import { lockdepCommand } from './verbs/lockdep.ts'
import { machinesCommand } from './verbs/machines.ts'
import { replayCommand } from './verbs/replay.ts'
import { showCommand } from './verbs/show.ts'
import { swarmCommand } from './verbs/swarm.ts'
import { workerCommand } from './verbs/swarm-worker.ts'
import { walkCommand } from './verbs/walk.ts'
import { watchCommand } from './verbs/watch.ts'

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
