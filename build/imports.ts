/**
 * A bundler that parts a program into chunks has each door import every chunk that it may need, by name or not. What comes by way of a chunk that
 * is imported by name need not be imported once more: nothing of ours does more, when it is loaded, than to define itself.
 */
import { dirname, join } from 'node:path'

interface Chunk {
  readonly path: string
  readonly text: string
}

/** The same on as many lines. */
export const withoutNeedless = <Each extends Chunk>(chunks: readonly Each[]): readonly Each[] => {
  const named = new Map(chunks.map(({ path, text }) => [path, namedIn(path, text)]))
  return chunks.map((chunk) => {
    const comes = reachedFrom(chunk.path, named)
    const text = chunk.text.replaceAll(/^import "(\.[^"]+)";$/gm, (line, from: string) =>
      comes.has(join(dirname(chunk.path), from)) ? '' : line,
    )
    return { ...chunk, text }
  })
}

/** The chunks of which one takes something. */
const namedIn = (path: string, text: string): readonly string[] =>
  [...text.matchAll(/^} from "(\.[^"]+)";$/gm)].map(([, from]) => join(dirname(path), from!))

const reachedFrom = (path: string, named: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> => {
  const reached = new Set<string>()
  const open = [...(named.get(path) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...(named.get(next) ?? []))
  }
  return reached
}
