/** `relock machines`: the statecharts there are, and what of the kernel each is. */
import type { Command } from 'commander'
import * as errors from '../../report/errors.ts'
import { machinesDocument, printJson } from '../../report/json.ts'
import { listMachines } from '../../report/machines.ts'
import { machinesStandFor } from '../built-in.ts'
import type { Desk } from '../desk.ts'
import { pageOf, withPaper, type Done, type PaperFlags } from '../flags.ts'

const machines = async (pattern: string, flags: PaperFlags, desk: Desk): Promise<number> => {
  const all = Object.entries(await machinesStandFor()).map(([name, is]) => ({ name, is }))
  const found = all.filter(({ name, is }) => `${name} ${is}`.toLowerCase().includes(pattern.toLowerCase()))
  const names = all.map(({ name }) => name)
  if (found.length === 0) throw errors.noSuchMachines(pattern, names)
  const page = pageOf(desk.out, desk.env, flags)
  desk.out.write(flags.json ? printJson(machinesDocument(found)) : listMachines(found, page))
  return 0
}

export const machinesCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPaper(
    root
      .command('machines [pattern]')
      .description('the statecharts, and what of the kernel each is; those in whose name or words the pattern occurs'),
  ).action(async (pattern: string | undefined, flags: PaperFlags) => done(await machines(pattern ?? '', flags, desk)))
