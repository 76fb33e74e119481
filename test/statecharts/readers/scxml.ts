/** SCXML as its elements and attributes say it. */
import { arrow, label, sorted, type Said } from '../said.ts'
import { childrenOf, parseXml, type Element } from './xml.ts'

const kinds = ['state', 'parallel', 'final', 'history'] as const

/** The value of a string literal of ECMAScript. */
const unquoted = (literal: string): string =>
  literal.slice(1, -1).replace(/\\(.)/gs, (_, sign: string) => (sign === 'n' ? '\n' : sign))

const actionsOf = (element: Element | undefined): readonly string[] =>
  element ? childrenOf(element, 'log').map(({ attributes }) => unquoted(attributes['expr']!)) : []

/** Names of events have an id in them where XState has none. */
const triggerOf = ({ attributes }: Element, id: string): string => {
  const event = attributes['relock:event'] ?? attributes['event'] ?? ''
  if (event === `done.state.${id}`) return 'done'
  if (event.startsWith(`after.${id}.`)) return `after ${event.slice(`after.${id}.`.length)}`
  for (const [kind, word] of [
    ['done', 'returned'],
    ['error', 'failed'],
    ['changed', 'changed'],
  ] as const)
    if (event.startsWith(`${kind}.invoke.${id}.`)) return `${event.slice(`${kind}.invoke.${id}.`.length)} ${word}`
  return event
}

const guardOf = ({ attributes: { cond } }: Element): string | undefined => {
  if (cond === undefined) return undefined
  const [, literal] = /^guards\[(.*)\]$/s.exec(cond)!
  return unquoted(literal!)
}

export const readScxml = (text: string): Said => {
  const document = parseXml(text)
  const [machine] = childrenOf(document, 'state', 'parallel')
  const paths = new Map<string, string>()
  const visit = (element: Element, around: string): void => {
    const { id = '', 'relock:name': key = id } = element.attributes
    if (paths.has(id)) throw new Error(`two are called ${id}`)
    const path = around === '' ? key : `${around}/${key}`
    paths.set(id, path)
    for (const child of childrenOf(element, ...kinds)) visit(child, path)
  }
  visit(machine!, '')
  const said = { states: [] as string[], transitions: [] as string[], starts: [] as string[] }
  const pathsOf = (ids: string | undefined): string[] =>
    ids === undefined
      ? []
      : ids.split(' ').map((id) => {
          if (!paths.has(id)) throw new Error(`nobody is called ${id}`)
          return paths.get(id)!
        })

  const read = (element: Element): void => {
    const { id, initial, type, 'relock:defers': defers } = element.attributes
    const path = paths.get(id!)!
    const phases = (['onentry', 'onexit'] as const).flatMap((phase) => {
      const names = childrenOf(element, phase).flatMap(actionsOf)
      return names.length > 0 ? [`${phase.slice(2)} / ${names.join(', ')}`] : []
    })
    const invokes = childrenOf(element, 'invoke').map(({ attributes: { id: actor, src, 'relock:name': called } }) => {
      const [as, name] = [called ?? actor!.slice(id!.length + 1), src!.slice(1)]
      return as === name ? `invokes ${name}` : `invokes ${name} as ${as}`
    })
    const kind = element.name === 'history' ? `${type} history` : element.name === 'state' ? '' : element.name
    const notes = [...phases, ...(defers === undefined ? [] : [`defers ${defers}`]), ...invokes].join(' ; ')
    said.states.push(`${path} ${kind === '' ? '' : `${kind} `}${notes}`.trimEnd())
    const begin = childrenOf(element, 'initial').flatMap((each) => childrenOf(each, 'transition'))
    for (const each of begin)
      said.starts.push(
        arrow(`${path} begins`, label('', undefined, actionsOf(each)), pathsOf(each.attributes['target'])),
      )
    if (initial !== undefined) said.starts.push(arrow(`${path} begins`, '', pathsOf(initial)))
    for (const each of childrenOf(element, 'transition')) {
      const { target, type: way, event } = each.attributes
      if (element.name === 'history') said.starts.push(arrow(path, '', pathsOf(target)))
      // How the document stops when the machine has come to its end.
      else if (!(target === '_end' && event === `done.state.${id}`))
        said.transitions.push(
          arrow(
            path,
            label(triggerOf(each, id!), guardOf(each), actionsOf(each)),
            pathsOf(target),
            way === 'internal' ? ' staying' : '',
          ),
        )
    }
    for (const child of childrenOf(element, ...kinds)) read(child)
  }
  read(machine!)
  return sorted(said)
}
