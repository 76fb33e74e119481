/** An actor as it is after the step that is looked at; another one on request. */
import { nameOf } from '../walk/rows.ts'
import type { State } from '../walk/machine.ts'
import type { Run, Step } from '../walk/run.ts'
import { go, page, view } from './state.ts'

export const Actor = ({ run, state, step }: { readonly run: Run; readonly state: State; readonly step: Step }) => {
  const { actors, locals } = run.machine.model
  const names = actors.map((_, index) => nameOf(page, run, index))
  const chosen = view.value.actor === undefined ? -1 : names.indexOf(view.value.actor)
  const index = chosen < 0 ? step.to : chosen
  const local = locals[index]![state.locals[index]!]!
  const pairs = local.fields.flatMap((name, at) => (at % 2 === 0 ? [[name, local.fields[at + 1]!] as const] : []))
  return (
    <section aria-label="State">
      <h3>
        <label>
          After it,{' '}
          <select value={names[index]} onChange={(event) => go({ actor: event.currentTarget.value, value: undefined })}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>{' '}
        {actors[index]!.chart !== undefined && (
          <button type="button" class="quiet" onClick={() => go({ view: 'machine', actor: names[index] })}>
            Its machine
          </button>
        )}
      </h3>
      <table class="state mono">
        <tbody>
          <tr>
            <th scope="row">state</th>
            <td>{page.texts[local.state]}</td>
          </tr>
          {pairs.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{page.texts[name]}</th>
              <td>{page.texts[value]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
