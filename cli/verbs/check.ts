/** `relock check`: every scenario of a project, and one summary. */
import type { Command } from 'commander'
import type { CheckFlags } from './checking.ts'
import type { Desk } from '../desk.ts'
import type { Done } from '../flags.ts'
import { number } from '../numbers.ts'
import { withReporters } from '../reporters.ts'

const check = async (flags: CheckFlags, desk: Desk): Promise<number> => {
  // What finds files and configurations is not loaded for the other commands.
  const { checkAll } = await import('./checking.ts')
  return checkAll(flags, desk)
}

export const checkCommand = (root: Command, desk: Desk, done: Done): Command =>
  withReporters(
    root
      .command('check')
      .description('every scenario of a project, as its relock.config says')
      .option('--config <file>', 'the configuration (default: the nearest)')
      .option('--accept', 'write what is found into the baseline: from now on it does not count')
      .addOption(number('parallel'))
      .addOption(number('states'))
      .addOption(number('depth'))
      .addOption(number('ms'))
      .option('--ascii', 'plain ASCII')
      .option('--all', 'nothing folded away: every finding, every row'),
  ).action(async (flags: CheckFlags) => done(await check(flags, desk)))
