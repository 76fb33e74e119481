/** States at each depth: of a complete search a hill, of a stopped one a slope that ends in the air. */
import type { SearchData } from '../data.ts'

const [width, height] = [640, 120]

export const Frontier = ({
  search: { frontier, exhaustive },
}: {
  readonly search: Pick<SearchData, 'frontier' | 'exhaustive'>
}) => {
  if (frontier.length < 2) return null
  const most = Math.max(...frontier)
  const total = frontier.reduce((sum, each) => sum + each, 0)
  const peak = frontier.indexOf(most)
  const x = (depth: number): number => (depth / (frontier.length - 1)) * width
  const y = (states: number): number => height - (states / most) * (height - 8)
  const line = frontier.map((states, depth) => `${x(depth).toFixed(1)},${y(states).toFixed(1)}`).join(' ')
  const said = `${total.toLocaleString('en')} states in ${frontier.length} levels; the widest is level ${peak} with ${most.toLocaleString('en')}.`
  return (
    <figure class="frontier">
      <figcaption>
        States at each level of the search. {said}{' '}
        {exhaustive ? 'It has come to its end.' : 'It is not at its end: there is more beyond the right edge.'}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" preserveAspectRatio="none">
        <polygon class="area" points={`0,${height} ${line} ${width},${height}`} />
        <polyline class="edge" points={line} />
        <line class="axis" x1={0} x2={width} y1={height} y2={height} />
        {!exhaustive && <line class="cut" x1={width} x2={width} y1={0} y2={height} />}
      </svg>
      <div class="ends" aria-hidden="true">
        <span>level 0</span>
        <span>{frontier.length - 1}</span>
      </div>
    </figure>
  )
}
