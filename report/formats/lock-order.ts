/** The order of lock classes as a picture: an arrow from what was held to what was asked for, inversions in red. */
import type { Lockdep, OrderEdge } from '../../explore/locks/lockdep.ts'
import { quoted } from './dot.ts'
import { escape } from './mermaid.ts'

interface Arrow {
  readonly edge: OrderEdge
  readonly wrong: boolean
}

const arrowsOf = ({ edges, nested, inversions }: Lockdep): readonly Arrow[] => {
  const wrong = new Set(inversions.flatMap((each) => each.edges).map(({ from, to }) => `${from}\n${to}`))
  return [...edges, ...nested].map((edge) => ({
    edge,
    wrong: edge.rule === undefined && wrong.has(`${edge.from}\n${edge.to}`),
  }))
}

const label = ({ asked, rule }: OrderEdge): string => rule ?? asked.thread

export const lockOrderDot = (order: Lockdep, name: string): string =>
  [
    `digraph ${quoted(name)} {`,
    '  rankdir=LR; node [shape=box, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ...order.classes.map((one) => `  ${quoted(one.name)};`),
    ...arrowsOf(order).map(({ edge, wrong }) => {
      const style = wrong ? ', color=red, penwidth=2' : edge.rule === undefined ? '' : ', style=dashed'
      return `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label=${quoted(label(edge))}${style}];`
    }),
    '}',
    '',
  ].join('\n')

export const lockOrderDiagram = (order: Lockdep): string => {
  const alias = new Map(order.classes.map(({ name }, index) => [name, `L${index}`]))
  const text = (words: string): string => `"${escape(words).replaceAll('"', '#quot;')}"`
  const arrows = arrowsOf(order)
  const red = arrows.flatMap(({ wrong }, index) => (wrong ? [index] : []))
  return [
    'flowchart LR',
    ...order.classes.map(({ name }) => `  ${alias.get(name)}[${text(name)}]`),
    ...arrows.map(({ edge }) => {
      const arrow = edge.rule === undefined ? '-->' : '-.->'
      return `  ${alias.get(edge.from)} ${arrow}|${text(label(edge))}| ${alias.get(edge.to)}`
    }),
    ...(red.length === 0 ? [] : [`  linkStyle ${red.join(',')} stroke:red,stroke-width:2px`]),
    '',
  ].join('\n')
}
