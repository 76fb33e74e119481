/** What actors are called: by what people wrote, and so that two that are alive at once have two names. */
import { isMachineSnapshot, type Live } from './inside.ts'

/** XState's own id of an invocation without one (`0.checkout.paying`), and of a spawned actor without one (`x:7`). */
const isMade = ({ id, sessionId }: Pick<Live, 'id' | 'sessionId'>): boolean => id === sessionId || /^\d+\./.test(id)

/** The name of its source, where that was given one. */
export const srcOf = ({ src, id }: Live): string =>
  typeof src === 'string' && !src.startsWith('xstate.invoke.') ? src : id

/** The same for people, who know nothing of the numbers that XState makes up. */
export const spokenOf = (actor: Live): string =>
  isMade({ id: srcOf(actor), sessionId: actor.sessionId }) ? ownName(actor) : srcOf(actor)

/** What one is called among its siblings. */
export const ownName = (actor: Live): string => {
  if (!actor._parent) return rootNameOf(actor.logic)
  if (!isMade(actor)) return actor.id
  const src = srcOf(actor)
  return src === actor.id ? (actor.id === actor.sessionId ? 'spawned' : actor.id.replace(/^\d+\./, '')) : src
}

/** The id that XState makes up for the root of the first system of a program. An author may look at it, and it is to be the same each time. */
export const rootId = 'x:0'

/** What the root of this logic is called. */
export const rootNameOf = (logic: object): string =>
  'id' in logic && typeof logic.id === 'string' && logic.id !== '(machine)' ? logic.id : 'machine'

/** Where it is among its ancestors: `shop/till`. Those of one name have one path. */
export const pathOf = (actor: Live): string => {
  const { _parent: parent } = actor
  return parent?._parent ? `${pathOf(parent)}/${ownName(actor)}` : ownName(actor)
}

/** Names of these actors, the first of equal ones without a number. */
export const namesOf = (actors: Iterable<Live>): ReadonlyMap<Live, string> => {
  const names = new Map<Live, string>()
  const taken = new Set<string>()
  for (const actor of actors) {
    const path = pathOf(actor)
    let name = path
    for (let number = 2; taken.has(name); number++) name = `${path}#${number}`
    taken.add(name)
    names.set(actor, name)
  }
  return names
}

/** XState calls the last word of an actor without an id by the number that it has made up for it. What is told of events, without such numbers. */
export const withoutNumbers = (told: string): string =>
  told.replace(/(xstate\.(?:done\.actor|error\.actor|snapshot)\.|"actorId":")(?:x|of):\d+/g, '$1~')

/** All that an actor can be meant by in a description: the closest first. */
export const callsOf = (actor: Live): readonly string[] => {
  const { systemId } = actor.options
  return [...(systemId === undefined ? [] : [systemId]), actor.id, srcOf(actor), ownName(actor)]
}

/** Its parent is gone, or knows it no more. */
export const isOrphan = (actor: Live, isAlive: (actor: Live) => boolean): boolean => {
  const { _parent: parent, id } = actor
  if (!parent) return false
  const { _snapshot: snapshot } = parent
  return !isAlive(parent) || (isMachineSnapshot(snapshot) && snapshot.children[id] !== actor)
}

/** Children that a snapshot knows, in its order. */
export const childrenOf = ({ _snapshot }: Live): readonly Live[] =>
  isMachineSnapshot(_snapshot) ? Object.values(_snapshot.children).filter((each) => each !== undefined) : []
