/** `--inspect`: a run told to Stately's inspector, at once, at a chosen pace, or step by step. */
import { Option, type Command } from 'commander'
import { defer, from, fromEvent, interval, lastValueFrom, map, repeat, takeUntil, tap, zip } from 'rxjs'
import type { Observable } from 'rxjs'
import { live } from '../actors/live.ts'
import type { World } from '../actors/world.ts'
import type { Trace } from '../explore/trace.ts'
import { lineTo } from '../inspect/line.ts'
import { isAddress } from '../inspect/listener.ts'
import * as errors from '../report/errors.ts'
import { counted, visible } from '../report/words.ts'
import { interactive, replay, type Strategy } from '../streams/strategies.ts'
import type { Desk } from './desk.ts'
import { within } from './numbers.ts'

export interface InspectFlags {
  /** Where the inspector listens; true: where Stately's does by itself. */
  readonly inspect?: string | true
  /** Milliseconds between two steps, or a step for each line that is typed. */
  readonly pace?: number | 'step'
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
  const url = inspect === true ? byDefault : inspect
  const line = lineTo(url)
  try {
    await line.opened
  } catch (error) {
    throw errors.noInspector(url, (error as Error).message)
  }
  const all = trace.steps.length
  desk.err.write(`Inspect  ${visible(url)}   ${counted(all, 'step')}\n`)
  const run = live(world, strategyOf(trace, pace, desk), { inspect: line.send })
  const told = run.pipe(
    takeUntil(fromEvent(desk.stop, 'abort')),
    tap(({ number, possible, choice }) => {
      if (pace === 'step') desk.err.write(visible(`  ${number} of ${all}   ${possible[choice]!}`) + '\n')
    }),
  )
  const over = lastValueFrom(told, { defaultValue: undefined })
  const connection = run.connect()
  await over
  connection.unsubscribe()
  await line.ended()
}

/** What was recorded, each choice when it is time for it. */
const strategyOf = ({ steps }: Trace, pace: InspectFlags['pace'], desk: Desk): Strategy => {
  const schedule = steps.map(({ choice }) => choice)
  if (pace === undefined) return replay(schedule)
  const turns: Observable<unknown> = pace === 'step' ? typed(desk) : interval(pace)
  return interactive(zip(schedule, turns).pipe(map(([choice]) => choice)))
}

/** A turn for each line; when there will be no more of them, the rest comes at once. */
const typed = (desk: Desk): Observable<unknown> => defer(() => from(desk.line())).pipe(repeat())
