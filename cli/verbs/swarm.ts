/** `relock swarm`: searches by many machines, and one report. */
import { Option, type Command } from 'commander'
import type { StrategyName } from '../../explore/outcome/report.ts'
import * as errors from '../../report/errors.ts'
import type { Desk } from '../desk.ts'
import { onlyInOrder, strategies, withOrder, withRuns, withSearch, type Done } from '../flags.ts'
import { number } from '../numbers.ts'
import type { SwarmFlags } from '../swarm/plan.ts'

const swarm = async (names: readonly string[], flags: SwarmFlags, desk: Desk): Promise<number> => {
  // Nobody else needs a queue.
  const { swarmed } = await import('../swarm/swarming.ts')
  return swarmed(names, flags, desk)
}

const isStrategy = (word: string): word is StrategyName => strategies.some((each) => each === word)

/** `breadth,pct,random` */
const several = (given: string): readonly StrategyName[] => {
  const words = [...new Set(given.split(','))]
  const unknown = words.find((word) => !isStrategy(word))
  if (unknown !== undefined) throw errors.unknownStrategy(unknown, strategies)
  return words.filter(isStrategy)
}

/** Both sides of a queue have to mean the same one, and to be let in. */
export const withQueue = (command: Command): Command =>
  command
    .option('--queue <name>', 'the queue in Redis (REDIS_URL)', 'relock')
    .option('--cert <file>', 'TLS: the certificate to be known by, with its --key')
    .option('--key <file>', 'TLS: the key of --cert')
    .option('--cacert <file>', 'TLS: of the authority that vouches for Redis')

export const swarmCommand = (root: Command, desk: Desk, done: Done): Command =>
  withQueue(
    withRuns(
      withSearch(
        withOrder(
          root
            .command('swarm <scenario...>')
            .description('searches by many machines: jobs on a queue, and one report (docs/SWARM.md)'),
          onlyInOrder,
        ),
      ),
    ),
  )
    .addOption(number('seeds'))
    .addOption(new Option('--strategies <names>', 'several ways to search, a job each').argParser(several))
    .option('--forms', 'every protocol, kernel and form, a job each')
    .addOption(new Option('--table', 'told as `compare` tells it').conflicts('forms'))
    .addOption(number('cut'))
    .addOption(number('attempts'))
    .action(async (names: string[], flags: SwarmFlags) => done(await swarm(names, flags, desk)))
