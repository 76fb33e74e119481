/** Names that every reader takes for a name: letters, digits and `_`. */
import { statesIn, type State } from './chart.ts'

/** Two names may be one without their signs: then they are numbered. `bare` is what a state would be called if it were alone. */
export const aliasesOf = (chart: State, bare: (state: State) => string): ((name: string) => string) => {
  const aliases = new Map<string, string>()
  const taken = new Set<string>()
  for (const state of statesIn(chart)) {
    const plain = bare(state).replace(/\W/g, '_')
    let alias = plain
    for (let n = 2; taken.has(alias); n++) alias = `${plain}_${n}`
    taken.add(alias)
    aliases.set(state.name, alias)
  }
  return (name) => aliases.get(name)!
}

/** No word of any reader begins so; and `x_start` and `x_end` are what Mermaid calls the points where x begins and ends. */
export const longName = ({ name }: State): string => `s_${name}`.replace(/(?:\W|_)(?:start|end)$/, '$&_')
