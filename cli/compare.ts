/** `relock compare`: one scenario under every protocol, or what a family of them claims. */
import type { Command } from 'commander'
import type { Desk } from './desk.ts'
import { withAll, withSearch, type Done, type Flags } from './flags.ts'
import { withPage } from './serve.ts'

const compare = async (name: string, flags: Flags, desk: Desk): Promise<number> => {
  // Tables are not drawn by the other commands.
  const { compared } = await import('./comparing.ts')
  return compared(name, flags, desk)
}

export const compareCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPage(
    withAll(
      withSearch(
        root
          .command('compare <scenario|family>')
          .description('one scenario under every protocol, or what a family of them claims'),
      ),
    ),
  ).action(async (name: string, flags: Flags) => done(await compare(name, flags, desk)))
