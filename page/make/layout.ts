/** Places for boxes and arrows. */
import { graphlib, layout } from '@dagrejs/dagre'
import type { ArrowData, GraphData } from '../data.ts'

export interface Box {
  readonly name: string
  /** Of who lies in another: what is written in it. */
  readonly label?: string
  /** The box that it lies in. */
  readonly within?: number
  /** What lies in it is active together. */
  readonly regions?: boolean
}

export interface Drawn {
  readonly boxes: readonly Box[]
  readonly arrows: readonly { readonly from: number; readonly to: number; readonly label: string }[]
}

/** A letter of the page's drawings, in pixels. */
const letter = 6.8
const line = 16

const widthOf = (text: string): number => Math.ceil(text.length * letter)

export const laidOut = ({ boxes, arrows }: Drawn): GraphData => {
  const graph = new graphlib.Graph({ multigraph: true, compound: true })
  graph.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 44, edgesep: 18, marginx: margin, marginy: margin })
  // A box with others in it is a frame around them and itself: no arrow can lead to a frame.
  const frames = new Set(boxes.flatMap(({ within }) => within ?? []))
  for (const at of frames) graph.setNode(frameOf(at), {})
  for (const [at, { name, label = name, within }] of boxes.entries()) {
    graph.setNode(`${at}`, { width: Math.max(60, widthOf(label) + 24), height: line + 16 })
    if (frames.has(at)) graph.setParent(`${at}`, frameOf(at))
    if (within !== undefined) graph.setParent(frames.has(at) ? frameOf(at) : `${at}`, frameOf(within))
  }
  // Not drawn: the box of who has others in it stands above the first of them.
  for (const at of frames) {
    const inner = boxes.findIndex(({ within }) => within === at)
    graph.setEdge(`${at}`, `${inner}`, { width: 0, height: 0, weight: 2 }, 'first')
  }
  for (const [at, { from, to, label }] of arrows.entries())
    graph.setEdge(`${from}`, `${to}`, { width: widthOf(label), height: line, labelpos: 'c' }, `${at}`)
  layout(graph)
  return whole({
    boxes: boxes.map(({ name, label, regions }, at) => ({
      name,
      ...(label !== undefined && { label }),
      ...placeOf(graph.node(`${at}`)),
      ...(frames.has(at) && { frame: { ...placeOf(graph.node(frameOf(at))), ...(regions && { regions }) } }),
    })),
    arrows: arrows.map((arrow, at): ArrowData => {
      const { points = [], x = 0, y = 0 } = graph.edge(`${arrow.from}`, `${arrow.to}`, `${at}`)
      return {
        ...arrow,
        at: [round(x), round(y)],
        way: points.flatMap((point: { readonly x: number; readonly y: number }) => [round(point.x), round(point.y)]),
      }
    }),
  })
}

const margin = 12

/** All of it is in the picture: an arrow may go round everything else, where dagre does not count it. */
const whole = ({ boxes, arrows }: Pick<GraphData, 'boxes' | 'arrows'>): GraphData => {
  const around = boxes.flatMap(({ frame, ...box }) => [box, ...(frame ? [frame] : [])])
  const labels = arrows.map(({ at: [x, y], label }) => ({ x, y, width: widthOf(label), height: line }))
  const ends = [...around, ...labels].flatMap(({ x, y, width, height }) => [
    [x - width / 2, y - height / 2],
    [x + width / 2, y + height / 2],
  ])
  const turns = arrows.flatMap(({ way }) => way.flatMap((x, at) => (at % 2 === 0 ? [[x, way[at + 1]!]] : [])))
  const [xs, ys] = [0, 1].map((axis) => [...ends, ...turns].map((point) => point[axis]!))
  const [left, top] = [xs!, ys!].map((all) => Math.min(0, ...all.map((each) => each - margin)))
  const moved = <At extends { readonly x: number; readonly y: number }>(at: At): At => ({
    ...at,
    x: round(at.x - left!),
    y: round(at.y - top!),
  })
  return {
    width: Math.ceil(Math.max(0, ...xs!) + margin - left!),
    height: Math.ceil(Math.max(0, ...ys!) + margin - top!),
    boxes: boxes.map((box) => ({ ...moved(box), ...(box.frame && { frame: moved(box.frame) }) })),
    arrows: arrows.map((arrow) => ({
      ...arrow,
      at: [round(arrow.at[0] - left!), round(arrow.at[1] - top!)],
      way: arrow.way.map((each, at) => round(each - (at % 2 === 0 ? left! : top!))),
    })),
  }
}

const frameOf = (at: number): string => `around ${at}`

const placeOf = ({ x, y, width, height }: Place): Place => ({
  ...{ x: round(x), y: round(y) },
  ...{ width: round(width), height: round(height) },
})

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const round = (x: number): number => Math.round(x * 10) / 10
