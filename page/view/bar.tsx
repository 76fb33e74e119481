/** Above a run: which one it is, how much of it is shown, what is searched for. */
import type { Run } from '../walk/run.ts'
import { Replay } from './copy.tsx'
import { elsewhere, go, page, view } from './state.ts'
import { runLabel } from './words.ts'

const Which = () => (
  <label>
    <span class="unseen">Run</span>
    <select value={view.value.run} onChange={(event) => go({ ...elsewhere, run: Number(event.currentTarget.value) })}>
      {page.runs.map((each, index) => (
        <option key={index} value={index}>
          {runLabel(each)}
        </option>
      ))}
    </select>
  </label>
)

const Hidden = () => (
  <>
    {view.value.hidden.map((id) => (
      <button
        key={id}
        type="button"
        class="quiet"
        onClick={() => go({ hidden: view.value.hidden.filter((each) => each !== id) })}
      >
        Show {id} again
      </button>
    ))}
  </>
)

export const Bar = ({ run }: { readonly run: Run }) => {
  const { rows } = view.value
  return (
    <div class="bar">
      <Which />
      {/* What is told by what was heard leaves nothing out. */}
      {!run.data.heard && (
        <div class="choice" role="group" aria-label="Rows">
          <button type="button" aria-pressed={rows === 'story'} onClick={() => go({ rows: 'story' })}>
            Story
          </button>
          <button type="button" aria-pressed={rows === 'all'} onClick={() => go({ rows: 'all' })}>
            Every step
          </button>
        </div>
      )}
      <label class="search">
        <span class="unseen">Search</span>
        <input
          id="search"
          type="search"
          placeholder="Search: text, actor:…, msg:…, changed:…"
          value={view.value.search}
          onInput={(event) => go({ search: event.currentTarget.value }, { quietly: true })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
        />
      </label>
      <Hidden />
      <Replay command={run.data.replay} />
    </div>
  )
}
