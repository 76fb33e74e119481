/** A machine, or a system of actors, as something that the program explores: the default export of a user's file. */
import type { AnyActorLogic } from 'xstate'
import { choosing, type Choices } from '../scenarios/choices.ts'
import type { Scenario } from '../scenarios/told.ts'
import type { Subject } from './index.ts'
import { systemOf, under, type ActorSystem } from './system.ts'
import { isMachine } from './inside.ts'
import { isLogic } from './vocabulary.ts'

const isSubject = (given: object): given is Subject => 'logic' in given && 'outside' in given

/** Undefined for what is neither. */
export const scenarioOfActors = (given: object): Scenario | undefined => {
  if (isLogic(given)) return scenario({ logic: given, outside: {} })
  return isSubject(given) ? scenario(given) : undefined
}

/** The root, and whoever else of a machine of its own was met. */
const machinesOf = ({ components, process }: ActorSystem, logic: AnyActorLogic): readonly any[] => [
  ...(isMachine(logic) ? components.map(({ id }) => ({ id, machine: logic })) : []),
  ...[...process.watch.met.machines].map(([id, machine]) => ({ id, machine })),
]

const scenario = ({ logic, outside }: Subject): Scenario => {
  const made = new Map<string | undefined, ActorSystem>()
  const system = ({ semantics }: Choices): ActorSystem => {
    const known = made.get(semantics) ?? systemOf(logic, semantics ? under(semantics, outside) : outside)
    made.set(semantics, known)
    return known
  }
  return {
    ...{ name: outside.name ?? 'actors', family: 'own', windows: [], source: '', why: '', expected: [] },
    choices: choosing({ semantics: { values: ['process', 'network'], otherwise: 'as the file says' } }, undefined),
    // The page draws their statecharts.
    world: (choices) => ({ ...system(choices), actors: machinesOf(system(choices), logic), components: [] }),
    system,
    properties: () => outside.properties ?? [],
  }
}
