/** What `relock swarm` does: cuts searches into jobs, hands them in, and puts together what comes back, in the order of the jobs. */
import { merged, type Part } from '../../explore/several/shards.ts'
import { printSubject } from '../../report/address.ts'
import * as errors from '../../report/errors.ts'
import { printJson, unexploredDocument } from '../../report/json.ts'
import { oneTable } from '../../report/swarm/errors.ts'
import { swarmLine, type SwarmProgress } from '../../report/swarm/shards.ts'
import type { Unreported } from '../../report/unreported.ts'
import { exitCode, overall } from '../../report/verdict.ts'
import { versionOf } from '../../explore/version.ts'
import { count, counted, seconds } from '../../report/words.ts'
import { decided, formsOf, type Choices } from '../../scenarios/choices.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import { compared } from '../verbs/comparing.ts'
import type { Desk } from '../desk.ts'
import type { Elsewhere, Found } from '../threads/elsewhere.ts'
import { asOne } from '../verbs/explore.ts'
import { pageOf } from '../flags.ts'
import { watching } from '../searched.ts'
import { asked, familyOf, isPath, scenarioNamed, subjectOf, type Family, type Subject } from '../subject.ts'
import { telling } from '../telling.ts'
import { outcomeOf, searchedTogether } from '../together.ts'
import { filesOf } from './files.ts'
import { jobFlags } from './job.ts'
import { checkPlan, planOf, type Plan, type SwarmFlags } from './plan.ts'
import { Swarm } from './queue.ts'
import { connected } from './redis.ts'

/** Milliseconds between two looks at how far all are. */
const often = 200

export const swarmed = async (names: readonly string[], flags: SwarmFlags, desk: Desk): Promise<number> => {
  checkPlan(flags)
  const at = await connected('swarm', flags, desk)
  const swarm = new Swarm(at, { ...flags, stopAtFirst: flags.stopAtFirst ?? false }, desk)
  const started = performance.now()
  const progress = (): SwarmProgress => ({ ...swarm.progress, seconds: (performance.now() - started) / 1000 })
  try {
    const code = await watching(
      flags,
      desk,
      names.join(' '),
      swarmLine,
      async (update: (so: SwarmProgress) => void) => {
        const timer = setInterval(() => {
          const so = progress()
          update(so)
          desk.known({ ...so, steps: 0, depth: 0, frontier: [] })
        }, often)
        try {
          return await told(names, { ...flags, quiet: true }, { ...desk, elsewhere: handedIn(swarm, flags, desk) })
        } finally {
          clearInterval(timer)
        }
      },
    )
    if (!flags.quiet) desk.err.write(`${tellTimes(progress())}\n`)
    return code
  } finally {
    await swarm.end()
    at.redis.disconnect()
  }
}

const asTyped = ({ name, choices }: Subject): string => printSubject(name, choices)

/** Not part of the report, which is the same whoever has done it. */
const tellTimes = ({ of, again, seconds: spent }: SwarmProgress): string =>
  `${counted(of, 'job')} in ${seconds(spent)}${again === 0 ? '' : `, ${count(again)} done again`}.`

/** Searches elsewhere, as far away as there are workers. */
const handedIn = (swarm: Swarm, flags: SwarmFlags, desk: Desk): Elsewhere => {
  const version = versionOf()
  const scenarios = new Map<string, Promise<Scenario>>()
  const scenarioOf = (name: string): Promise<Scenario> => {
    const known = scenarios.get(name) ?? scenarioNamed(name, desk)
    scenarios.set(name, known)
    return known
  }
  const handIn = async (name: string, choices: Choices) => {
    const scenario = await scenarioOf(name)
    const { fingerprint } = scenario.system(choices)
    const files = isPath(name) ? filesOf(name) : {}
    const plan = planOf({ scenario, name, choices }, flags)
    const answers = plan.pieces.map(({ flags: asked, prefix }) =>
      swarm.search({ version, name, choices, flags: jobFlags(asked), fingerprint, files, ...(prefix && { prefix }) }),
    )
    return { plan, answers: Promise.all(answers) }
  }
  // In the order in which they are asked for: that is the order of the jobs.
  let before: Promise<unknown> = Promise.resolve()
  return {
    many: 1,
    takesFiles: true,
    async search({ name, choices }) {
      const turn = before.then(() => handIn(name, choices))
      before = turn.catch(() => {})
      const { plan, answers } = await turn
      return togetherOf(plan, await answers)
    },
    outline: async (name) => scenarioOf(name),
    end() {},
  }
}

const togetherOf = ({ sharing, pieces }: Plan, answers: readonly (Found | undefined)[]): Found => {
  const parts = pieces.map(({ of }, index): Part => {
    const outcome = outcomeOf(answers[index])
    return 'report' in outcome ? { of, report: outcome.report } : { of, why: outcome.missing }
  })
  const report = merged(parts, sharing)
  return report ? { report, taken: [] } : (outcomeOf(answers[0]) as Unreported)
}

const told = async (names: readonly string[], flags: SwarmFlags, desk: Desk): Promise<number> => {
  const isOne = names.length === 1 && !flags.table && (await familyOf(names[0]!, flags)) === undefined
  if (flags.order && !isOne) throw errors.orderOne('swarm')
  if (flags.table) {
    if (names.length > 1) throw oneTable(names)
    return compared(names[0]!, flags, desk)
  }
  const all: (Family | Subject)[] = []
  for (const name of names) all.push((await familyOf(name, flags)) ?? (await subjectOf(name, flags, desk, 'explore')))
  const families = all.filter((each) => 'subjects' in each)
  const one = all.flatMap((each) => ('subjects' in each ? each.subjects : each))
  const subjects = flags.forms ? one.flatMap((each) => formsOfSubject(each, flags)) : one
  if (subjects.length === 1) return inFull(subjects[0]!, flags, desk)
  const words = ['explore', ...all.map((each) => ('subjects' in each ? each.title : asTyped(each)))]
  const { code } = await asOne({ subjects, families, words, flags, desk, book: undefined, served: undefined })
  return code
}

/** What was chosen stays; of the rest, every form that there is. */
const formsOfSubject = ({ name, scenario }: Subject, flags: SwarmFlags): readonly Subject[] => {
  const { asked: wanted } = asked(name, flags)
  return formsOf(scenario, wanted).map((form) => ({
    ...{ name, scenario },
    choices: decided(scenario.choices, { ...wanted, ...form }),
  }))
}

const inFull = async (subject: Subject, flags: SwarmFlags, desk: Desk): Promise<number> => {
  const [found] = await searchedTogether([subject], { flags, desk, title: '', served: undefined, taken: false })
  const outcome = outcomeOf(found)
  const { name, choices } = subject
  if (!('report' in outcome)) {
    if (flags.json) desk.out.write(printJson(unexploredDocument(name, choices, outcome)))
    else desk.out.write(`${asTyped(subject)}: ${outcome.missing}\n`)
    return 3
  }
  const over = await telling(subject, { report: outcome.report, taken: [] }, flags, undefined)
  desk.out.write(flags.json ? printJson(over.document()) : over.text(pageOf(desk.out, desk.env, flags)))
  return exitCode(overall(outcome.report))
}
