/** `relock worker`: does what `relock swarm` hands in, on this machine or any other. */
import type { Command } from 'commander'
import type { Desk } from '../desk.ts'
import type { Done } from '../flags.ts'
import { number } from '../numbers.ts'
import { withPermission } from '../permit.ts'
import { withQueue } from './swarm.ts'
import type { WorkerFlags } from '../swarm/working.ts'

const worker = async (flags: WorkerFlags, desk: Desk): Promise<number> => {
  const { working } = await import('../swarm/working.ts')
  return working(flags, desk)
}

export const workerCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPermission(
    withQueue(root.command('worker').description('does what `relock swarm` hands in, until Ctrl-C')),
    'a scenario file that may be run when a job names it (again for another)',
  )
    .addOption(number('parallel'))
    .addOption(number('lock'))
    .action(async (flags: WorkerFlags) => done(await worker(flags, desk)))
