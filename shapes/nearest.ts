/** What was probably meant: the one rule by which every part of relock guesses. */
import { distance } from 'fastest-levenshtein'

/** The known name that was probably meant; undefined where none is near. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const ranked = known
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  // Two short words that have no letter in common are near each other, and nobody meant one by the other.
  const inCommon = best !== undefined && best.far < Math.max(word.length, best.name.length)
  if (inCommon && best.far <= Math.max(2, Math.floor(word.length / 3))) return best.name
  // A part of a name is a good try, too: `mapping` for `per-mapping`.
  return word.length < 3 ? undefined : known.find((name) => name.toLowerCase().includes(word.toLowerCase()))
}

const letters = (word: string): string => [...word].sort().join('')

/** Almost one of these, and none of them: of names that may be others, only those are slips. Two letters that changed places are one slip. */
export const misspelt = (word: string, known: readonly string[]): boolean =>
  known.some((name) => {
    const slips = letters(name) === letters(word) ? 2 : Math.max(1, Math.floor(name.length / 4))
    return name !== word && distance(word, name) <= slips
  })

/** So many names are read; of more, these are told. */
const most = 20
const fewest = 12

/** Names to choose from, as a message has them: all while they are few, otherwise those nearest to what was written, and how many more there are. Empty where there are none. */
export const toChooseFrom = (known: Iterable<string>, written?: string): string => {
  const names = [...new Set(known)]
  if (names.length <= most) return names.join(', ')
  const word = written?.toLowerCase()
  const howFar = (name: string): number =>
    word === undefined ? 0 : distance(word, name.toLowerCase()) - (name.toLowerCase().includes(word) ? name.length : 0)
  const nearestFirst = names.map((name) => ({ name, far: howFar(name) })).sort((one, other) => one.far - other.far)
  const told = nearestFirst.slice(0, fewest).map(({ name }) => name)
  return `${told.join(', ')} and ${names.length - fewest} more`
}
