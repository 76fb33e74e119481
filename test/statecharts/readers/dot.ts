/** Graphviz itself. A cluster is the state whose node lies in it without a frame. */
import { graphviz } from '../../graphviz.ts'
import { arrow, sorted, type Said } from '../said.ts'

interface Drawn {
  readonly objects: readonly {
    readonly _gvid: number
    readonly name: string
    readonly label: string
    readonly shape?: string
    readonly style?: string
    readonly peripheries?: string
    readonly nodes?: readonly number[]
    readonly subgraphs?: readonly number[]
  }[]
  readonly edges?: readonly {
    readonly tail: number
    readonly head: number
    readonly label: string
    readonly ltail?: string
    readonly lhead?: string
  }[]
}

/** The lines of a label, as Graphviz sets them. */
const linesOf = (label: string): readonly string[] =>
  label.replace(/\\(.)/gs, (_, sign: string) => (sign === 'n' ? '\n' : sign)).split('\n')

/** `nop` reads and lays nothing out, and says that nothing has a place. */
export const readDot = async (text: string): Promise<Said> => {
  const { status, output, errors } = graphviz.render(text, { format: 'json0', engine: 'nop' })
  const others = errors.filter(({ message }) => !/has no position$|as required by the -n flag/.test(message))
  if (status !== 'success' || others.length > 0) throw new Error(JSON.stringify(errors))
  const { objects, edges = [] } = JSON.parse(output) as Drawn
  const clusters = objects.filter(({ name }) => name.startsWith('cluster_'))
  const nodes = objects.filter(({ name }) => !name.startsWith('cluster_'))
  const parent = new Map(
    clusters.flatMap((cluster) => (cluster.subgraphs ?? []).map((child) => [child, cluster._gvid])),
  )
  const clusterOf = (node: number): number | undefined =>
    // A node is listed in each cluster around it; the innermost has no other that lists it.
    clusters.find(
      ({ nodes = [], subgraphs = [] }) =>
        nodes.includes(node) && !subgraphs.some((child) => objects[child]!.nodes?.includes(node)),
    )?._gvid
  const isFrame = (node: number): boolean => objects[node]!.shape === 'plaintext'
  const keyOf = (node: number): string => {
    const [first = '', ...rest] = linesOf(objects[node]!.label)
    return objects[node]!.shape === 'circle' ? rest[0]! : first
  }
  const frames = new Map(nodes.filter(({ _gvid }) => isFrame(_gvid)).map(({ _gvid }) => [clusterOf(_gvid), _gvid]))
  const around = (cluster: number | undefined): string[] =>
    cluster === undefined ? [] : [...around(parent.get(cluster)), keyOf(frames.get(cluster)!)]
  const path = (node: number): string => [...around(clusterOf(node)), ...(isFrame(node) ? [] : [keyOf(node)])].join('/')
  const isPoint = (node: number): boolean => objects[node]!.shape === 'point'
  const isFork = (node: number): boolean => objects[node]!.style === 'filled'
  const isHistory = (node: number): boolean => objects[node]!.shape === 'circle'
  const targets = (node: number): string[] =>
    isFork(node) ? edges.filter(({ tail }) => tail === node).map(({ head }) => path(head)) : [path(node)]
  const named = new Set(objects.map(({ name }) => name))

  const arrows = edges.filter(({ tail }) => !isFork(tail))
  for (const { ltail, lhead } of edges)
    for (const cluster of [ltail, lhead])
      if (cluster !== undefined && !named.has(cluster)) throw new Error(`no cluster ${cluster}`)
  return sorted({
    states: nodes
      .filter(({ _gvid }) => !isPoint(_gvid) && !isFork(_gvid))
      .map((node) => {
        const cluster = isFrame(node._gvid) ? objects[clusterOf(node._gvid)!]! : undefined
        const [first = '', ...rest] = linesOf((cluster ?? node).label)
        const history = first === 'H*' ? 'deep history' : first === 'H' ? 'shallow history' : ''
        const kind = isHistory(node._gvid)
          ? history
          : node.peripheries === '2'
            ? 'final'
            : cluster?.style === 'rounded,dashed'
              ? 'parallel'
              : ''
        return `${path(node._gvid)} ${kind === '' ? '' : `${kind} `}${(isHistory(node._gvid) ? rest.slice(1) : rest).join(' ; ')}`.trimEnd()
      }),
    transitions: arrows
      .filter(({ tail }) => !isPoint(tail) && !isHistory(tail))
      .map(({ tail, head, label }) => arrow(path(tail), linesOf(label).join('\n'), targets(head))),
    starts: arrows
      .filter(({ tail }) => isPoint(tail) || isHistory(tail))
      .map(({ tail, head, label }) =>
        arrow(
          isPoint(tail) ? `${around(clusterOf(tail)).join('/')} begins` : path(tail),
          linesOf(label).join('\n'),
          targets(head),
        ),
      ),
  })
}

/** What Graphviz complains of when it draws. */
export const drawDot = async (text: string): Promise<readonly string[]> =>
  graphviz.render(text).errors.map(({ message }) => message)
