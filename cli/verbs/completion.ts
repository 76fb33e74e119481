/** `relock completion`: what a shell offers behind `relock`, as a script for it. */
import { Argument, type Command } from 'commander'
import type { Desk } from '../desk.ts'
import type { Done } from '../flags.ts'
import { shells, type Shell } from '../shells.ts'

export const completionCommand = (root: Command, desk: Desk, done: Done): Command =>
  root
    .command('completion')
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells))
    .description('a script for your shell: Tab completes verbs, options, scenarios, choices and machines')
    .action(async (shell: Shell) => {
      // All stories and machines have to be read for it.
      const { completed } = await import('./completing.ts')
      desk.out.write(await completed(shell, root))
      done(0)
    })
