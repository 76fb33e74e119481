/** `relock conform`: answers beside those of a kernel. */
import { Option, type Command } from 'commander'
import type { ConformFlags } from './conforming.ts'
import type { Desk } from '../desk.ts'
import type { Done } from '../flags.ts'

const conform = async (paths: readonly string[], flags: ConformFlags, desk: Desk): Promise<number> => {
  // A small Linux is many machines; whoever only lists or explores is spared their start.
  const { conformed } = await import('./conforming.ts')
  const { text, code } = await conformed(paths, flags, desk)
  desk.out.write(text)
  return code
}

export const conformCommand = (root: Command, desk: Desk, done: Done): Command =>
  root
    .command('conform <path...>')
    .description('answers beside those of a kernel: cases in files or folders (*.jsonl, *.jsonl.gz)')
    .option('--profile <kernel>', 'replay as this kernel, whatever the cases say')
    .option('--case <pattern>', 'only cases with this in their name')
    .option('--only <op,...>', 'compare only these operations')
    .option('--ops', 'counts of every operation')
    .option('--all', 'every disagreement in full')
    .option('--json', 'print JSON (docs/JSON.md)')
    .addOption(new Option('--ascii', 'plain ASCII').conflicts('json'))
    .option('--quiet', 'no progress')
    .action(async (paths: string[], flags: ConformFlags) => done(await conform(paths, flags, desk)))
