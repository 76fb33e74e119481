/** A recorded race as a scenario, so that its runs can be explored, replayed and shown like any other: `race.jsonl#race.unset_map`. */
import { toSystem } from '../actors/system.ts'
import { profileNames, type ProfileName } from '../machines/profile.ts'
import type { Choices, Scenario } from '../scenarios/scenario.ts'
import { isRace, type Race } from './case.ts'
import { keyOfOutcome, outcomeProperties, tellRace, type ToldRace } from './race.ts'
import { readCases } from './read.ts'

/** The subject of a race in a file. */
export const raceSubject = (file: string, name: string): string => `${file}#${name}`

export const isRaceSubject = (text: string): boolean => /\.jsonl(\.gz)?#/.test(text)

/** The race behind `file#name`. Throws what reading the file throws; undefined when the file holds no race of that name. */
export function raceCalled(subject: string): Race | undefined {
  const at = subject.lastIndexOf('#')
  const [file, name] = [subject.slice(0, at), subject.slice(at + 1)]
  return readCases([file]).flatMap(({ one }) => (one.name === name && isRace(one) ? [one] : []))[0]
}

/** Its claims: each outcome that was recorded is possible. */
export function raceScenario(subject: string, race: Race): Scenario {
  const byDefault = race.profile ?? '6.1'
  const told = new Map<ProfileName, ToldRace>()
  const toldOn = ({ profile = byDefault }: Choices): ToldRace => {
    const known = told.get(profile) ?? tellRace(race, profile)
    told.set(profile, known)
    return known
  }
  const world = (choices: Choices) => toldOn(choices).world
  return {
    name: subject,
    family: 'recorded',
    windows: [],
    source: `recorded ${race.reps} times`,
    why: race.note ?? `Two operations made at once, ${race.outcomes.length} outcomes recorded.`,
    choices: {
      options: { profile: { values: profileNames, byDefault } },
      tasks: { least: 1, most: 1 },
      default: { profile: byDefault, tasks: 1 },
    },
    world,
    system: (choices) => toSystem(world(choices)),
    properties: (choices) =>
      outcomeProperties(
        toldOn(choices),
        race.outcomes.map(({ results }) => keyOfOutcome(results)),
      ),
    expected: [],
  }
}
