/** `relock replay`: runs that were found, made again. */
import type { Command } from 'commander'
import type { Trace } from '../../explore/runs/trace.ts'
import { printAddress } from '../../report/address.ts'
import { traceJson } from '../../report/formats/json.ts'
import * as errors from '../../report/errors.ts'
import type { Followed } from '../../explore/runs/follow.ts'
import { followedDocument, tellFollowed } from '../../report/followed-text.ts'
import { nameOfWrong } from '../../report/wrong-name.ts'
import type { Wrong } from '../../report/sides.ts'
import { fault } from '../../report/splat.ts'
import { tellTrace } from '../../report/text.ts'
import { legible, type Page } from '../../report/style.ts'
import { wrap } from '../../report/words.ts'
import type { Desk } from '../desk.ts'
import { pageOf, withOrder, withPaper, withRuns, type Done, type Flags, type PaperFlags } from '../flags.ts'
import { tellInspector, withInspect } from './inspect.ts'
import { bookFor, writePage } from '../html.ts'
import { lookFor, whatIsWrong, type Located } from '../located.ts'
import { inGivenOrder } from '../order.ts'
import { replay } from '../../explore/index.ts'
import { withPermission, type Permission } from '../permit.ts'
import { checkTestFlags, saveTest, withTest, type TestFlags } from './save-test.ts'
import { serving, withPage } from './serve.ts'

type ReplayFlags = PaperFlags & Permission & TestFlags & Pick<Flags, 'order'>

const replayed = async (texts: readonly string[], flags: ReplayFlags, desk: Desk): Promise<number> => {
  if (flags.inspect !== undefined && texts.length > 1) throw errors.oneRunToInspect(texts.length)
  checkTestFlags(flags, texts.length)
  const told: string[] = []
  const page = pageOf(desk.out, desk.env, flags)
  let tell = async (): Promise<void> => {}
  const book = await bookFor(flags)
  const served = await serving(flags, book, ['replay', ...texts], desk)
  const codes: number[] = []
  for (const text of texts) {
    const located = await lookFor(text, flags, desk)
    if (flags.order) insistOnOrder(located, flags.order)
    const { followed } = located
    const { trace, wrong } = whatIsWrong(located)
    const saved = flags.saveTest === undefined ? [] : saveTest(flags.saveTest, flags, located, { trace, wrong })
    const address = printAddress(located.address)
    codes.push(codeOf(followed, wrong))
    const world = located.scenario.world(located.choices)
    tell = () => tellInspector(flags, world, trace, desk)
    book?.know(located.system, world.actors)
    book?.run({ trace, wrong, title: nameOf(wrong, trace), address }, located.system)
    told.push(
      flags.json
        ? traceJson(trace, address, {
            ...(wrong && !isCut(followed) && { shows: nameOfWrong(wrong, trace) }),
            ...(followed && { followed: followedDocument(followed) }),
          })
        : [
            ...(followed ? [inLines(page, tellFollowed(followed, page.columns))] : []),
            tellTrace(trace, page, { ...flags, address, wrong, ...(isCut(followed) && cutShort) }),
            ...(saved.length > 0
              ? [
                  inLines(
                    page,
                    saved.flatMap((line) => wrap(line, page.columns, '  ')),
                  ),
                ]
              : []),
          ].join('\n'),
    )
  }
  await writePage(book, flags, ['replay', ...texts], desk)
  desk.out.write(flags.json && told.length > 1 ? `[${told.join(',')}]\n` : told.join('\n'))
  served?.changed()
  await tell()
  await served?.ended()
  return codes.includes(1) ? 1 : Math.max(...codes)
}

/** Throws a ModelError with the step that comes too early. */
const insistOnOrder = ({ scenario, choices, address }: Located, order: readonly string[]): void =>
  void replay(inGivenOrder(scenario, order).system(choices), address.schedule)

const isCut = (followed: Followed | undefined): boolean => followed?.outcome === 'impossible'

/** What a run that cannot be made any more shows is not known, unless it is known that there is none. */
const codeOf = (followed: Followed | undefined, wrong: Wrong | undefined): number =>
  isCut(followed) ? (followed!.proved ? 0 : 3) : wrong ? 1 : 0

const inLines = (page: Page, lines: readonly string[]): string =>
  lines.map((line) => `${legible(page, line)}\n`).join('')

const cutShort = { about: 'As far as it goes' } as const

/** What a run by itself is called. */
const nameOf = (wrong: Wrong | undefined, trace: Trace): string =>
  wrong ? fault(wrong, trace) : 'nothing is wrong with it'

export const replayCommand = (root: Command, desk: Desk, done: Done): Command =>
  withInspect(
    withPage(
      withPermission(
        withTest(
          withRuns(
            withPaper(
              withOrder(
                root.command('replay <address...>').description('runs again, by their addresses or .trace.json files'),
                "insist on an order: 'A before B', of steps or calls",
              ),
            ),
          ),
        ),
      ),
    ),
  ).action(async (addresses: string[], flags: ReplayFlags) => done(await replayed(addresses, flags, desk)))
