/** How much of each machine a search has come by, and what it never came by, by name. */
import type { ModelData } from '../data.ts'
import { said } from './machine.tsx'
import { page } from './state.ts'

export const Coverage = ({ model }: { readonly model: ModelData | undefined }) => {
  const { charts = [], covered } = model ?? {}
  if (!covered || charts.length === 0) return null
  const all = charts.reduce((sum, { transitions }) => sum + transitions.length, 0)
  const seen = covered.reduce((sum, { transitions }) => sum + transitions.length, 0)
  return (
    <details class="coverage">
      <summary>
        Coverage: {seen} of {all} transitions of {charts.length} machines
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">machine</th>
            <th scope="col">transitions</th>
            <th scope="col">never taken</th>
          </tr>
        </thead>
        <tbody>
          {charts.map((chart, at) => {
            const never = chart.transitions.filter((_, each) => !covered[at]!.transitions.includes(each))
            return (
              <tr key={at}>
                <th scope="row" class="mono">
                  {chart.name}
                </th>
                <td class="narrow">
                  {covered[at]!.transitions.length} / {chart.transitions.length}
                </td>
                <td class="mono dim">
                  {never.map((each, nth) => (
                    <div key={nth}>{said(chart, each)}</div>
                  ))}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </details>
  )
}

/** The model that a search was made in: that of its runs. */
export const modelOf = (runs: readonly (number | undefined)[]): ModelData | undefined => {
  const run = runs.find((each) => each !== undefined)
  return run === undefined ? undefined : page.models[page.runs[run]!.model]
}
