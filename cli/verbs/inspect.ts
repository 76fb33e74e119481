/** `--inspect`: a run told to Stately's inspector, at once, at a chosen pace, or step by step. */
import { Option, type Command } from 'commander'
import type { World } from '../../actors/world/world.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { isAddress } from '../../inspect/listener.ts'
import * as errors from '../../report/errors.ts'
import type { Desk } from '../desk.ts'
import type { Pace } from './inspecting.ts'
import { within } from '../numbers.ts'

export interface InspectFlags {
  /** Where the inspector listens; true: where Stately's does by itself. */
  readonly inspect?: string | true
  readonly pace?: Pace
}

const byDefault = 'ws://localhost:8080'

const address = (word: string): string => {
  if (!isAddress(word)) throw errors.noInspectorThere(word)
  return word
}

const milliseconds = within('--pace', { about: '', least: 1, most: 600_000, byDefault: 500 })

export const withInspect = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--inspect [url]',
        `tell the run to Stately's inspector, too, which listens at ${byDefault}`,
      ).argParser(address),
    )
    .addOption(
      new Option('--pace <ms|step>', 'with --inspect: milliseconds between steps, or a step for each Enter').argParser(
        (word) => (word === 'step' ? word : milliseconds(word)),
      ),
    )
    .hook('preAction', (_, asked) => {
      const { inspect, pace } = asked.opts<InspectFlags>()
      if (pace !== undefined && inspect === undefined) throw errors.idleOption('--pace', 'by itself', '--inspect')
    })

/** Tells it, and returns when all is told. */
export const tellInspector = async (
  { inspect, pace }: InspectFlags,
  world: World,
  trace: Trace,
  desk: Desk,
): Promise<void> => {
  if (inspect === undefined) return
  // Streams are not loaded for who only searches.
  const { toldToInspector } = await import('./inspecting.ts')
  await toldToInspector(inspect === true ? byDefault : inspect, pace, world, trace, desk)
}
