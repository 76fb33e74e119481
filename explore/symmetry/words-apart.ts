/** Where two texts would be the same by other names: which names these are. */

/** Two names. */
export type Two = readonly [string, string]

/**
 * The names, other than those that change places already, that would have to change places for one text to be the other; undefined: no names would do.
 * `names`: of which a name is a word.
 */
export function wordsApart(
  one: string,
  other: string,
  names: readonly string[],
  exchange: readonly Two[],
): readonly [Two, ...Two[]] | undefined {
  const [mine, yours] = [wordsIn(one), wordsIn(other)]
  if (mine.length !== yours.length) return undefined
  const known = new Set(names.flatMap(wordsIn).filter(isWord))
  const taken = new Set(exchange.flat().flatMap(wordsIn))
  const apart = new Map<string, string>()
  for (const [at, word] of mine.entries()) {
    const then = yours[at]!
    if (word === then) continue
    if (![word, then].every((each) => known.has(each) && !taken.has(each))) return undefined
    if ((apart.get(word) ?? then) !== then || (apart.get(then) ?? word) !== word) return undefined
    apart.set(word, then)
    apart.set(then, word)
  }
  const [first, ...more] = [...apart].filter(([word, then]) => word < then)
  return first && [first, ...more]
}

/** Words, and what stands between them. */
const wordsIn = (text: string): readonly string[] => text.split(/(\w+)/)

const isWord = (text: string): boolean => /^\w+$/.test(text)
