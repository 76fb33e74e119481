/** Statecharts as Mermaid itself has read them. */
import { mermaid, shown, window } from '../../mermaid.ts'
import { arrow, sorted, type Said } from '../said.ts'

interface Drawn {
  readonly nodes: readonly {
    readonly id: string
    readonly label: string
    readonly shape: string
    readonly parentId?: string
    readonly description?: readonly string[]
    readonly isGroup: boolean
  }[]
  readonly edges: readonly { readonly start: string; readonly end: string; readonly label: string }[]
}

const parsed = async (text: string): Promise<Drawn> => {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  return (db as unknown as { getData(): Drawn }).getData()
}

/** Kinds that Mermaid has no sign for are told by name: H is a history state. */
export const readMermaid = async (text: string): Promise<Said> => {
  const { nodes, edges } = await parsed(text)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const within = (id: string | undefined): string[] => {
    const node = id === undefined ? undefined : byId.get(id)
    if (!node) return []
    return [...within(node.parentId), ...(node.shape === 'divider' ? [] : [shown(node.label)])]
  }
  const path = (id: string): string => within(id).join('/')
  const is = (id: string, shape: string): boolean => byId.get(id)!.shape === shape
  const targets = (id: string): string[] =>
    is(id, 'fork') ? edges.filter(({ start }) => start === id).map(({ end }) => path(end)) : [path(id)]
  const isHistory = (id: string): boolean => /^H\*? /.test(within(id).at(-1)!)

  const pseudo = ['stateStart', 'stateEnd', 'fork', 'divider', 'note', 'noteGroup']
  const noteOf = (id: string): readonly string[] =>
    nodes
      .filter(({ shape, parentId }) => shape === 'note' && parentId === `${id}----parent`)
      .map(({ label }) => shown(label).replaceAll(' | ', ' ; '))
  const arrows = edges.filter(({ start, end }) => !is(start, 'fork') && !is(end, 'stateEnd') && !is(end, 'note'))
  const begins = ({ start }: { readonly start: string }): boolean => is(start, 'stateStart') || isHistory(start)
  const ended = new Set(edges.filter(({ end }) => is(end, 'stateEnd')).map(({ start }) => start))
  return sorted({
    states: nodes
      .filter(({ shape }) => !pseudo.includes(shape))
      .map(({ id, description = [] }) => {
        const regions = nodes.some(({ shape, parentId }) => shape === 'divider' && parentId === id)
        const kind = ended.has(id) ? 'final ' : regions ? 'parallel ' : ''
        return `${path(id)} ${kind}${[...description.map(shown), ...noteOf(id)].join(' ; ')}`.trimEnd()
      }),
    transitions: arrows
      .filter((edge) => !begins(edge))
      .map(({ start, end, label }) => arrow(path(start), shown(label), targets(end))),
    starts: arrows
      .filter(begins)
      .map(({ start, end, label }) =>
        arrow(
          is(start, 'stateStart') ? `${within(byId.get(start)!.parentId).join('/')} begins` : path(start),
          shown(label),
          targets(end),
        ),
      ),
  })
}

/** The texts of a drawing, of its arrows and of its states. */
export const drawMermaid = async (text: string): Promise<readonly string[]> => {
  const { svg } = await mermaid.render('drawing', text)
  const box = window.document.createElement('div')
  box.innerHTML = svg
  return [...box.querySelectorAll('.edgeLabel .label, .nodeLabel, .cluster-label')].map((each) =>
    (each.textContent ?? '').trim(),
  )
}
