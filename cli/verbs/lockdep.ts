/** `relock lockdep`: the order of locks by class, in every run of a scenario or in one. */
import { Option, type Command } from 'commander'
import type { World } from '../../actors/world/world.ts'
import { replay } from '../../explore/index.ts'
import { lockdep, lockdepOf } from '../../explore/locks/lockdep.ts'
import type { System } from '../../explore/system.ts'
import { printAddress, printSubject } from '../../report/address.ts'
import { lockOrderDiagram, lockOrderDot } from '../../report/formats/lock-order.ts'
import { printJson } from '../../report/json.ts'
import { lockdepDocument, lockdepVerdict, tellLockdep, type LockdepSubject } from '../../report/lockdep-text.ts'
import { exitCode } from '../../report/verdict.ts'
import type { Desk } from '../desk.ts'
import { pageOf, withSearch, type Done, type Flags } from '../flags.ts'
import { addOrder, bookFor, writePage } from '../html.ts'
import { refuseSearching } from '../idle.ts'
import { locate } from '../located.ts'
import { withPermission, type Permission } from '../permit.ts'
import { explored } from '../searched.ts'
import { serving, withPage } from './serve.ts'
import { isRun, subjectOf } from '../subject.ts'

interface LockdepFlags extends Flags, Permission {
  readonly picture?: keyof typeof lockOrderFormats
}

const lockOrderFormats = { mermaid: lockOrderDiagram, dot: lockOrderDot } as const

/** An order of locks, and the system whose runs show it. */
interface Ordered {
  readonly subject: LockdepSubject
  readonly system: System<any>
  readonly actors: World['actors']
}

/** An address, or a file that holds one. */
const isOfRun = (typed: string): boolean => isRun(typed) || typed.endsWith('.json')

/** The order of locks: in the run at an address, or in every run of a scenario. */
const lockOrderOf = async (typed: string, flags: LockdepFlags, desk: Desk): Promise<Ordered> => {
  if (isOfRun(typed)) {
    const { address, scenario, choices, system, trace } = await locate(typed, flags, desk)
    const { actors } = scenario.world(choices)
    const inversions = flags.inversions ?? scenario.inversions
    const of = printAddress(address)
    const subject = {
      of,
      fingerprint: system.fingerprint,
      order: lockdep(trace),
      addressOf: () => of,
      traceOf: () => trace,
      ...(inversions && { inversions }),
    }
    return { subject, system, actors }
  }
  const one = await subjectOf(typed, flags, desk, 'lockdep')
  const { name, scenario, choices } = one
  const system = scenario.system(choices)
  const { actors } = scenario.world(choices)
  const report = await explored(one, flags, desk)
  const subject: LockdepSubject = {
    of: printSubject(name, choices),
    fingerprint: system.fingerprint,
    order: lockdepOf(report, (schedule) => replay(system, schedule)),
    report,
    inversions: report.inversions,
    traceOf: (schedule) => replay(system, schedule),
    addressOf: (schedule) => printAddress({ scenario: name, choices, fingerprint: system.fingerprint, schedule }),
  }
  return { subject, system, actors }
}

const lockOrders = async (typed: readonly string[], flags: LockdepFlags, desk: Desk): Promise<number> => {
  const book = await bookFor(flags)
  const served = await serving(flags, book, ['lockdep', ...typed], desk)
  const subjects: LockdepSubject[] = []
  for (const each of typed) {
    const { subject, system, actors } = await lockOrderOf(each, flags, served?.deskFor(each) ?? desk)
    subjects.push(subject)
    book?.know(system, actors)
    if (book) await addOrder(book, subject, system)
    served?.changed()
    if (desk.stop.aborted) break
  }
  await writePage(book, flags, ['lockdep', ...typed], desk)
  const { picture } = flags
  if (flags.json)
    desk.out.write(printJson(typed.length === 1 ? lockdepDocument(subjects[0]!) : subjects.map(lockdepDocument)))
  else if (picture) desk.out.write(subjects.map(({ order, of }) => lockOrderFormats[picture](order, of)).join('\n'))
  else desk.out.write(subjects.map((each) => tellLockdep(each, pageOf(desk.out, desk.env, flags))).join('\n'))
  await served?.ended()
  const codes: number[] = subjects.map((each) => exitCode(lockdepVerdict(each)))
  // Stopped: nothing is known of the others.
  if (subjects.length < typed.length) codes.push(3)
  return codes.includes(1) ? 1 : Math.max(0, ...codes)
}

export const lockdepCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPage(
    withPermission(
      withSearch(
        root
          .command('lockdep <scenario...>')
          .description('the order of locks by class, in every run of a scenario or in the run at an address')
          .addOption(
            new Option('--picture <format>', 'the order as a picture')
              .choices(Object.keys(lockOrderFormats))
              .conflicts('json'),
          ),
      ),
    ),
  )
    .hook('preAction', (_, command) => {
      if (command.args.every(isOfRun)) refuseSearching(command)
    })
    .action(async (names: string[], flags: LockdepFlags) => done(await lockOrders(names, flags, desk)))
