/** Boxes and arrows, where the program has put them. */
import type { ArrowData, GraphData } from '../data.ts'

interface Props {
  readonly graph: GraphData
  /** Classes of boxes and arrows. */
  readonly box?: (at: number) => string
  readonly arrow?: (at: number) => string
  readonly name: string
}

const pathOf = ({ way }: ArrowData): string =>
  way.reduce((path, each, at) => path + (at === 0 ? `M${each}` : at % 2 === 0 ? ` L${each}` : ` ${each}`), '')

export const Graph = ({ graph, box = () => '', arrow = () => '', name }: Props) => (
  <svg
    class="graph"
    viewBox={`0 0 ${graph.width} ${graph.height}`}
    width={graph.width}
    height={graph.height}
    role="img"
    aria-label={name}
  >
    <defs>
      {['', 'bad', 'taken', 'never'].map((kind) => (
        <marker
          key={kind}
          id={`tip${kind}`}
          class={`tip ${kind}`}
          viewBox="0 0 10 10"
          refX={9}
          refY={5}
          markerWidth={7}
          markerHeight={7}
          orient="auto-start-reverse"
        >
          <path d="M0 1 10 5 0 9z" />
        </marker>
      ))}
    </defs>
    {graph.boxes.map(
      ({ name, frame }, at) =>
        frame && (
          <rect
            key={name}
            class={`frame ${frame.regions ? 'regions' : ''} ${box(at)}`}
            x={frame.x - frame.width / 2}
            y={frame.y - frame.height / 2}
            width={frame.width}
            height={frame.height}
            rx={8}
          />
        ),
    )}
    {graph.arrows.map((each, at) => (
      <g key={at} class={`way ${arrow(at)}`}>
        <path d={pathOf(each)} marker-end={`url(#tip${arrow(at).split(' ')[0] ?? ''})`} />
        {each.label !== '' && (
          <text x={each.at[0]} y={each.at[1] + 4} text-anchor="middle">
            {each.label}
          </text>
        )}
      </g>
    ))}
    {graph.boxes.map(({ name, label, frame, x, y, width, height }, at) => (
      <g key={name} class={`box ${frame ? 'outer' : ''} ${box(at)}`}>
        <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx={6} />
        <text x={x} y={y + 4} text-anchor="middle">
          {label ?? name}
        </text>
      </g>
    ))}
  </svg>
)
