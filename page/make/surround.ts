/** Other turns than the recorded ones: from the states of the runs outwards, breadth first, while there is room. */
import type { Tables } from '../../explore/states/tables.ts'
import type { Model } from './model.ts'

/** States are looked at for what is new in them; most show nothing new. */
const mostStates = 30_000

export const surround = (model: Model, tables: Tables, starts: readonly Int32Array[], room: number): void => {
  if (starts.length === 0) return
  const full = model.size + room
  const seen = new Set<string>()
  const queue: Int32Array[] = []
  const put = (state: Int32Array): void => {
    // As many slots as are in use: more may come, and are empty so far.
    const used = state.slice(0, tables.slots)
    const key = used.join().replace(/(,0)*$/, '')
    if (seen.has(key)) return
    seen.add(key)
    queue.push(used)
  }
  for (const start of starts) put(start)
  const [state, next] = [tables.initial(), tables.initial()]
  for (let at = 0; at < queue.length; at++) {
    if (at >= mostStates || model.size >= full) return
    state.fill(0).set(queue[at]!)
    try {
      model.see(state)
      for (const lane of tables.enabled(state)) {
        const entry = tables.entryOf(state, lane)!
        if (entry.fatal) continue
        next.set(state)
        tables.apply(next, lane, entry)
        put(next)
      }
    } catch {
      // A model may be wrong where no run has come by; there the page has nothing to tell.
      return
    }
  }
  model.whole = true
}
