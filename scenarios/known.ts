/** Which names the program knows, as far as somebody has asked for its scenarios. */
const names = new Set<string>()

export const makeKnown = (scenarios: readonly { readonly name: string }[]): void => {
  for (const { name } of scenarios) names.add(name)
}

/** It is the name of a built-in scenario that was read. */
export const isBuiltIn = (name: string): boolean => names.has(name)
