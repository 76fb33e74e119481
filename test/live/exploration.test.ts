import { expect, test } from 'vitest'
import { exploration } from '../../actors/running/exploration.ts'
import { toSystem } from '../../actors/running/system.ts'
import { searching } from '../../explore/index.ts'
import { always } from '../../explore/claims/properties.ts'
import type { Exploring } from '../../streams/exploration.ts'
import { troubled, workers } from './worlds.ts'

const explored = (...given: Parameters<typeof exploration>): Promise<Exploring[]> =>
  new Promise((resolve, reject) => {
    const heard: Exploring[] = []
    exploration(...given).subscribe({ next: (said) => heard.push(said), error: reject, complete: () => resolve(heard) })
  })

/** How long it took is nobody's expectation. */
const timeless = (report: object) => ({ ...report, seconds: 0 })

test('the report at the end of the stream is the report of the search', async () => {
  const system = toSystem(workers(2))
  const properties = [
    always<{ holder: string | null }>(
      'the holder is a worker',
      ({ holder }) => holder === null || holder.startsWith('w'),
    ),
  ]
  const last = (await explored(system, properties)).at(-1)!
  const search = searching(system, properties)
  let next = search.next()
  while (!next.done) next = search.next()
  expect(last.type === 'report' && timeless(last.report)).toEqual(timeless(next.value))
})

test('an aborted search still reports, and says who stopped it', async () => {
  const last = (await explored(toSystem(troubled), [], { signal: AbortSignal.abort() })).at(-1)!
  expect(last).toMatchObject({ type: 'report', report: { exhaustive: false, stopped: { by: 'you' } } })
})
