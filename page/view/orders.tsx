/** The order of locks: an arrow from what was held to what was asked for; those of an inversion stand out. */
import type { OrderData } from '../data.ts'
import { Graph } from './graph.tsx'
import { elsewhere, linkTo, page } from './state.ts'

const Order = ({ order }: { readonly order: OrderData }) => {
  const { graph, edges } = order
  const names = graph.boxes.map(({ name }) => name)
  return (
    <section aria-label={`Order of locks: ${order.of}`}>
      <h2>
        Order of locks: <span class="mono">{order.of}</span>
      </h2>
      <div class="wide" tabIndex={0} role="group" aria-label="Picture of the order">
        <Graph
          graph={graph}
          name="Classes of locks; the list below says the same."
          arrow={(at) => (edges[at]!.bad ? 'bad' : '')}
        />
      </div>
      <ul>
        {graph.arrows.map(({ from, to }, at) => (
          <li key={at}>
            {edges[at]!.bad && <strong class="found">✗ </strong>}
            <span class="mono">
              {names[from]} → {names[to]}
            </span>{' '}
            <span class="dim">{edges[at]!.words}</span>{' '}
            {edges[at]!.run !== undefined && (
              <a href={linkTo({ ...elsewhere, view: 'run', run: edges[at]!.run })}>
                the run
                <span class="unseen">
                  {' '}
                  that shows {names[from]} before {names[to]}
                </span>
              </a>
            )}
          </li>
        ))}
      </ul>
      {order.inversions.map(({ title, judged, lines, deadlock }) => (
        <div class="splat" key={title}>
          <h3>{title}</h3>
          <p>
            Judged: {judged}.{' '}
            {deadlock !== undefined && (
              <a href={linkTo({ ...elsewhere, view: 'run', run: deadlock })}>The run that hangs</a>
            )}
          </p>
          <pre tabIndex={0}>{lines.join('\n')}</pre>
        </div>
      ))}
    </section>
  )
}

export const Orders = () => (
  <>
    {page.orders.map((order) => (
      <Order key={order.of} order={order} />
    ))}
  </>
)
