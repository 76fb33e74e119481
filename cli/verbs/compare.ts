/** `relock compare`: one scenario under every protocol, what a family of them claims, or two versions of a file. */
import type { Command } from 'commander'
import type { Desk } from '../desk.ts'
import { withAll, withSearch, type Done, type Flags } from '../flags.ts'
import { withPage } from './serve.ts'

const compare = async (name: string, other: string | undefined, flags: Flags, desk: Desk): Promise<number> => {
  if (other !== undefined) {
    const { versions } = await import('./versions.ts')
    return versions([name, other], flags, desk)
  }
  // Tables are not drawn by the other commands.
  const { compared } = await import('./comparing.ts')
  return compared(name, flags, desk)
}

export const compareCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPage(
    withAll(
      withSearch(
        root
          .command('compare <scenario|family> [file]')
          .description('one scenario under every protocol, what a family claims, or two versions of a ./file.ts'),
      ),
    ),
  ).action(async (name: string, other: string | undefined, flags: Flags) =>
    done(await compare(name, other, flags, desk)),
  )
