/** state-machine-cat's own reader. */
import { render } from 'state-machine-cat'
import { arrow, sorted, type Said } from '../said.ts'

interface Machine {
  readonly states: readonly {
    readonly name: string
    readonly type: string
    readonly label?: string
    readonly actions?: readonly { readonly type: string; readonly body: string }[]
    readonly statemachine?: Machine
  }[]
  readonly transitions?: readonly {
    readonly from: string
    readonly to: string
    readonly label?: string
    readonly type?: string
  }[]
}

export const readSmcat = async (text: string, inputType: 'smcat' | 'scxml' = 'smcat'): Promise<Said> => {
  const drawn: unknown = await render(text, { inputType, outputType: 'json' })
  // A text that ends with a backslash has a blank behind it.
  const machine = (typeof drawn === 'string' ? JSON.parse(drawn) : drawn) as Machine
  const all = statesIn(machine, [])
  const byName = new Map(all.map((state) => [state.name, state]))
  const transitions = transitionsIn(machine)
  const path = (name: string): string => byName.get(name)!.path.join('/')
  const type = (name: string): string => byName.get(name)!.type
  const targets = (name: string): string[] =>
    type(name) === 'fork' ? transitions.filter(({ from }) => from === name).map(({ to }) => path(to)) : [path(name)]
  const arrows = transitions.filter(({ from }) => type(from) !== 'fork')
  const begins = ({ from }: { readonly from: string }): boolean => /^initial$|history$/.test(type(from))
  return sorted({
    states: all
      .filter(({ type }) => type !== 'initial' && type !== 'fork')
      .map(({ path, type, notes }) => `${path.join('/')} ${type === 'regular' ? '' : `${type} `}${notes}`.trimEnd()),
    transitions: arrows
      .filter((each) => !begins(each))
      .map(({ from, to, label = '', type: how }) =>
        arrow(path(from), label.trimEnd(), targets(to), how === 'internal' ? ' staying' : ''),
      ),
    starts: arrows
      .filter(begins)
      .map(({ from, to, label = '' }) =>
        arrow(
          type(from) === 'initial' ? `${byName.get(from)!.path.slice(0, -1).join('/')} begins` : path(from),
          label.trimEnd(),
          targets(to),
        ),
      ),
  })
}

interface Found {
  readonly name: string
  readonly type: string
  readonly path: readonly string[]
  readonly notes: string
}

const statesIn = ({ states }: Machine, around: readonly string[]): readonly Found[] =>
  states.flatMap(({ name, type, label = name, actions = [], statemachine }) => {
    const path = [...around, label.trimEnd()]
    const notes = actions.map(({ type, body }) => (type === 'activity' ? body : `${type} / ${body}`)).join(' ; ')
    return [{ name, type, path, notes }, ...(statemachine ? statesIn(statemachine, path) : [])]
  })

const transitionsIn = ({
  states,
  transitions = [],
}: Machine): readonly NonNullable<Machine['transitions']>[number][] => [
  ...transitions,
  ...states.flatMap(({ statemachine }) => (statemachine ? transitionsIn(statemachine) : [])),
]
