/** `relock show`: a run in which a property can be seen. */
import type { Command } from 'commander'
import { replay } from '../../explore/index.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { printSubject } from '../../report/address.ts'
import { brokenClaim } from '../../report/claims.ts'
import * as errors from '../../report/errors.ts'
import { traceJson } from '../../report/formats/json.ts'
import { wrongIn } from '../../report/sides.ts'
import { issuesOf, uncounted } from '../../report/issues.ts'
import { addressOf, inversionOf, tellTrace } from '../../report/text.ts'
import type { Desk } from '../desk.ts'
import { onlyInOrder, pageOf, withOrder, withRuns, withSearch, type Done, type Flags } from '../flags.ts'
import { bookFor, writePage } from '../html.ts'
import { tellInspector, withInspect } from './inspect.ts'
import { explored } from '../searched.ts'
import { serving, withPage } from './serve.ts'
import { subjectOf } from '../subject.ts'

const show = async (typed: string, property: string | undefined, flags: Flags, desk: Desk): Promise<number> => {
  const one = await subjectOf(typed, flags, desk, 'show')
  const { name, scenario, choices } = one
  const of = printSubject(name, choices)
  const book = await bookFor(flags)
  const served = await serving(flags, book, ['show', of, ...(property === undefined ? [] : [property])], desk)
  const report = await explored(one, flags, served?.deskFor(of) ?? desk)
  const issues = [...issuesOf(report), ...uncounted(report)]
  // The gravest first; a run that only shows something, if nothing is wrong.
  const known = [
    ...issues.map(({ title, schedule, property: claim }) => ({ name: claim?.name ?? title, schedule, bad: true })),
    ...report.properties.map((each) => ({ ...each, bad: false })),
  ]
  const names = [...new Set(known.map((each) => each.name))]
  const withRun = known.filter(({ schedule }) => schedule && schedule.length > 0)
  const wanted = property === undefined ? withRun[0] : known.find((each) => each.name === property)
  if (property !== undefined && !wanted) throw errors.unknownProperty(property, name, names)
  if (!wanted?.schedule) {
    const verdict = report.properties.find((each) => each.name === property)?.verdict
    throw errors.nothingToShow(property, name, verdict, [...new Set(withRun.map((each) => each.name))])
  }
  const system = scenario.system(choices)
  const trace = replay(system, wanted.schedule, { ignored: flags.ignored })
  const claims = scenario.properties(choices).filter((each) => each.name === wanted.name)
  const traceOf = (schedule: readonly number[]): Trace => replay(system, schedule)
  const subject = { scenario: name, choices, report, traceOf }
  const wrong = wanted.bad
    ? (brokenClaim(system, claims, trace) ?? inversionOf(subject, wanted.name, trace) ?? wrongIn(trace, wanted.name))
    : undefined
  const address = addressOf(subject, wanted.schedule)
  const about = wrong ? `A run that breaks it: ${wanted.name}` : `A run that shows it: ${wanted.name}`
  desk.out.write(
    flags.json
      ? traceJson(trace, address)
      : tellTrace(trace, pageOf(desk.out, desk.env, flags), { ...flags, address, wrong, about }),
  )
  book?.know(system, scenario.world(choices).actors)
  book?.run({ trace, wrong, title: wanted.name, address }, system)
  served?.changed()
  await writePage(book, flags, ['show', of, wanted.name], desk)
  await tellInspector(flags, scenario.world(choices), trace, desk)
  await served?.ended()
  return wrong ? 1 : 0
}

export const showCommand = (root: Command, desk: Desk, done: Done): Command =>
  withInspect(
    withPage(
      withRuns(
        withSearch(
          withOrder(root.command('show <scenario> [property]').description('a run that shows a property'), onlyInOrder),
        ),
      ),
    ),
  ).action(async (name: string, property: string | undefined, flags: Flags) =>
    done(await show(name, property, flags, desk)),
  )
