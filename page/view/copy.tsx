/** Copies what stands somewhere; where a browser does not allow it, it is selected instead. */
import { signal } from '@preact/signals'

const copied = signal('')

export const copy = async (selector: string): Promise<void> => {
  const place = document.querySelector(selector)
  if (!place) return
  try {
    await navigator.clipboard.writeText(place.textContent ?? '')
    copied.value = 'Copied.'
  } catch {
    getSelection()?.selectAllChildren(place)
    copied.value = 'Selected: copy it with your keys.'
  }
  setTimeout(() => (copied.value = ''), 3000)
}

/** The command that makes a run again. */
export const Replay = ({ command }: { readonly command: string }) => (
  <div class="command">
    <code class="replay" tabIndex={0}>
      {command}
    </code>
    <button type="button" onClick={() => void copy('.replay')}>
      Copy
    </button>
    <span role="status">{copied.value}</span>
  </div>
)
