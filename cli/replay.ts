/** `relock replay`: runs that were found, made again. */
import type { Command } from 'commander'
import type { Trace } from '../explore/trace.ts'
import { printAddress } from '../report/address.ts'
import { traceJson } from '../report/formats/json.ts'
import * as errors from '../report/errors.ts'
import type { Wrong } from '../report/sides.ts'
import { fault } from '../report/splat.ts'
import { tellTrace } from '../report/text.ts'
import type { Desk } from './desk.ts'
import { pageOf, withPaper, withRuns, type Done, type PaperFlags } from './flags.ts'
import { tellInspector, withInspect } from './inspect.ts'
import { bookFor, writePage } from './html.ts'
import { locate, whatIsWrong } from './located.ts'
import { withPermission, type Permission } from './permit.ts'
import { serving, withPage } from './serve.ts'

type ReplayFlags = PaperFlags & Permission

const replayed = async (texts: readonly string[], flags: ReplayFlags, desk: Desk): Promise<number> => {
  if (flags.inspect !== undefined && texts.length > 1) throw errors.oneRunToInspect(texts.length)
  const told: string[] = []
  let tell = async (): Promise<void> => {}
  const book = await bookFor(flags)
  const served = await serving(flags, book, ['replay', ...texts], desk)
  let code = 0
  for (const text of texts) {
    const located = await locate(text, flags, desk)
    const { trace, wrong } = whatIsWrong(located)
    const address = printAddress(located.address)
    if (wrong) code = 1
    const world = located.scenario.world(located.choices)
    tell = () => tellInspector(flags, world, trace, desk)
    book?.know(located.system, world.actors)
    book?.run({ trace, wrong, title: nameOf(wrong, trace), address }, located.system)
    told.push(
      flags.json
        ? traceJson(trace, address)
        : tellTrace(trace, pageOf(desk.out, desk.env, flags), { ...flags, address, wrong }),
    )
  }
  await writePage(book, flags, ['replay', ...texts], desk)
  desk.out.write(flags.json && told.length > 1 ? `[${told.join(',')}]\n` : told.join('\n'))
  served?.changed()
  await tell()
  await served?.ended()
  return code
}

/** What a run by itself is called. */
const nameOf = (wrong: Wrong | undefined, trace: Trace): string =>
  wrong ? fault(wrong, trace) : 'nothing is wrong with it'

export const replayCommand = (root: Command, desk: Desk, done: Done): Command =>
  withInspect(
    withPage(
      withPermission(
        withRuns(
          withPaper(
            root.command('replay <address...>').description('runs again, by their addresses or .trace.json files'),
          ),
        ),
      ),
    ),
  ).action(async (addresses: string[], flags: ReplayFlags) => done(await replayed(addresses, flags, desk)))
