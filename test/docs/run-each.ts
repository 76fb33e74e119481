/** Programs that are named, run one after the other in this process: who has started it is told of each how it ended. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'

for (const file of process.argv.slice(2)) {
  const thrown = await import(pathToFileURL(resolve(file)).href).then(
    () => undefined,
    (error: unknown) => inspect(error),
  )
  process.send!({ file, thrown })
}
