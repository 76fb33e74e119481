/** A race among cases as a scenario, so that its runs can be explored, replayed and shown like any other: `race.jsonl#race.unset_map`. */
import { toSystem } from '../actors/running/system.ts'
import { searching } from '../explore/index.ts'
import { profileNames, type ProfileName } from '../machines/profile.ts'
import { profileFor } from '../machines/versions.ts'
import type { Choices, Scenario } from '../scenarios/unmap/scenario.ts'
import type { AnyRace, Case, Result } from './case.ts'
import { collecting, keyOfOutcome, outcomeProperties, tellRace, type ToldRace } from './race.ts'
import { MalformedCase } from './malformed.ts'
import { readCases } from './read.ts'
import { outcomeWords, tellingOps } from './telling.ts'

/** The subject of a race in a file. */
export const raceSubject = (file: string, name: string): string => `${file}#${name}`

export const isRaceSubject = (text: string): boolean => /\.jsonl(\.gz)?#/.test(text)

/** What stands behind `file#name`, a race or not. Throws what reading the file throws; undefined when the file holds nothing of that name. */
export function caseCalled(subject: string): Case | AnyRace | undefined {
  const at = subject.lastIndexOf('#')
  const [file, name] = [subject.slice(0, at), subject.slice(at + 1)]
  const found = readCases([file]).find(({ one }) => one.name === name)
  if (found?.unknown) throw new MalformedCase(found, found.unknown.problem)
  return found?.one
}

/** Its claims: each outcome is possible. Those that were recorded, or, where nobody did, all there are: for that it is explored once before. */
export function raceScenario(subject: string, race: AnyRace): Scenario {
  const byDefault = profileFor(race.profile ?? '6.1')
  const toldOn = once((profile) => tellRace(race, profile))
  const outcomesOn = once((profile) => outcomesOf(race, toldOn(profile)))
  const world = ({ profile = byDefault }: Choices) => toldOn(profile).world
  return {
    name: subject,
    family: race.outcomes ? 'recorded' : 'asked',
    windows: [],
    source: race.outcomes ? `recorded ${race.reps} times` : 'asked',
    why: race.note ?? about(race),
    choices: {
      options: { profile: { values: profileNames, byDefault } },
      tasks: { least: 1, most: 1 },
      default: { profile: byDefault, tasks: 1 },
    },
    world,
    system: (choices) => toSystem(world(choices)),
    properties: ({ profile = byDefault }) => {
      const outcomes = outcomesOn(profile)
      const telling = tellingOps(race, outcomes)
      return outcomeProperties(
        toldOn(profile),
        outcomes.map((results, nth) => ({
          name: `outcome ${nth + 1}: ${outcomeWords(race, telling, results).join(', ')}`,
          key: keyOfOutcome(results),
        })),
      )
    },
    expected: [],
  }
}

const about = ({ outcomes }: AnyRace): string =>
  outcomes
    ? `Operations made at once, ${outcomes.length} outcomes recorded.`
    : 'Operations made at once: which outcomes are there?'

/** Made when it is first asked for. */
const once = <T>(make: (profile: ProfileName) => T): ((profile: ProfileName) => T) => {
  const made = new Map<ProfileName, T>()
  return (profile) => {
    const known = made.get(profile) ?? make(profile)
    made.set(profile, known)
    return known
  }
}

function outcomesOf(race: AnyRace, told: ToldRace): readonly (readonly Result[])[] {
  if (race.outcomes) return race.outcomes.map(({ results }) => results)
  const found = new Map<string, readonly Result[]>()
  const search = searching(toSystem(told.world), [collecting(told, found)], { shortest: false })
  while (!search.next().done);
  return [...found.keys()].sort().map((key) => found.get(key)!)
}
