/** What can be typed, as the scripts of all shells are made from it. */

/** What may stand at one place. */
export interface Place {
  /** None of them has a blank in it. */
  readonly words: readonly string[]
  /** What is none of the words is a file. */
  readonly files: boolean
}

export interface OfferedOption {
  /** `--html`, `-h`: as it is typed. */
  readonly names: readonly string[]
  readonly about: string
  /** Of one that takes something. `beside`: it need not, and what is meant for it stands behind a `=`. */
  readonly takes?: Place & { readonly beside: boolean }
}

export interface Verb {
  readonly name: string
  readonly about: string
  readonly options: readonly OfferedOption[]
  /** One behind the other. */
  readonly places: readonly Place[]
  /** The last of them again and again. */
  readonly repeats: boolean
}

/** Things by what is the same for them, in the order in which they come. */
export const grouped = <Each>(
  all: readonly Each[],
  sameFor: (each: Each) => unknown,
): readonly (readonly [Each, ...Each[]])[] => {
  const groups = new Map<string, [Each, ...Each[]]>()
  for (const each of all) {
    const key = JSON.stringify(sameFor(each))
    const group = groups.get(key)
    if (group) group.push(each)
    else groups.set(key, [each])
  }
  return [...groups.values()]
}
