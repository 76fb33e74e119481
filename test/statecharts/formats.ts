/** For each format its reader, and what of a machine it can hold. */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import type { machineFormats } from '../../report/statecharts/index.ts'
import { heldBy, notes, staying, type Said, type Ways } from './said.ts'
import { readDot } from './readers/dot.ts'
import { readMermaid } from './readers/mermaid.ts'
import { readScxml } from './readers/scxml.ts'
import { readSmcat } from './readers/smcat.ts'
import { readXState, readXStateModule } from './readers/xstate.ts'

interface Compared {
  readonly read: (text: string) => Said | Promise<Said>
  readonly held: (machine: AnyStateMachine) => Said
}

/** Kinds by the words of a format; what it does not tell apart from any other state is ''. */
const ways = (kindOf: (node: AnyStateNode) => string): Ways => ({
  state: (node, path) => {
    const kind = kindOf(node)
    return `${path} ${kind === '' ? '' : `${kind} `}${notes(node).join(' ; ')}`.trimEnd()
  },
})

const plain = ({ type, history }: AnyStateNode): string =>
  type === 'history' ? `${history} history` : type === 'final' || type === 'parallel' ? type : ''

/** Where a history state leads is drawn as an arrow; that it is one, by its name. */
const mermaid = ways((node) => {
  const { type, states } = node
  return type === 'final' || (type === 'parallel' && Object.keys(states).length > 1) ? type : ''
})

const smcat = ways(({ type, history }) =>
  type === 'history'
    ? history === 'deep'
      ? 'deephistory'
      : 'history'
    : type === 'final' || type === 'parallel'
      ? type
      : '',
)

const everything: Ways = {
  ...ways(plain),
  how: (_, { target, reenter }) => `${target ? '' : ' without target'}${reenter ? ' entering again' : ''}`,
}

export const formats: Readonly<Record<keyof typeof machineFormats, Compared>> = {
  mermaid: {
    read: readMermaid,
    held: (machine) =>
      heldBy(machine, {
        ...mermaid,
        key: (node) => (node.type === 'history' ? `${node.history === 'deep' ? 'H*' : 'H'} ${node.key}` : node.key),
      }),
  },
  dot: { read: readDot, held: (machine) => heldBy(machine, ways(plain)) },
  json: {
    read: (text) => heldBy(readXState(text), everything),
    held: (machine) => heldBy(machine, everything),
  },
  xstate: {
    read: (text) => heldBy(readXStateModule(text), everything),
    held: (machine) => heldBy(machine, everything),
  },
  scxml: {
    read: readScxml,
    held: (machine) =>
      heldBy(machine, {
        ...ways(plain),
        // To stay in a state without children is to have no target.
        targets: (node, one) => (staying(node, one) && Object.keys(node.states).length === 0 ? [] : (one.target ?? [])),
        how: (node, one) =>
          staying(node, one) && Object.keys(node.states).length > 0 && (one.target ?? []).length > 0 ? ' staying' : '',
      }),
  },
  smcat: {
    read: readSmcat,
    held: (machine) => heldBy(machine, { ...smcat, how: (node, one) => (staying(node, one) ? ' staying' : '') }),
  },
}
