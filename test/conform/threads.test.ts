/** Cases replayed by other threads are compared as if they had been replayed here. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { lastValueFrom } from 'rxjs'
import { expect, test } from 'vitest'
import { replaying } from '../../cli/threads/replaying.ts'
import { conforming, ours, readCases, type Case, type ConformReport } from '../../conform/index.ts'
import { root } from '../cli/run.ts'

const program = pathToFileURL(join(root, 'dist/relock-replay.js'))
const recorded = readCases(join(root, 'test/recordings/kernel-6.1/hand-map.jsonl.gz'))

/** Some of what was recorded is changed, and one case cannot be replayed at all. */
const cases = [
  ...recorded.map((written, at) => {
    const one = written.one as Case
    return at % 5 === 0 ? { ...written, one: { ...one, results: one.results!.map(() => ({ ret: 77 })) } } : written
  }),
  { one: { name: 'nobody knows this file', ops: [{ op: 'unmap_dma', fd: 'nobody', iova: '0x0', size: '0x1000' }] } },
]

const reportOf = async (engines = ours): Promise<ConformReport> => {
  const last = await lastValueFrom(conforming(cases, {}, engines))
  return last.type === 'report' ? { ...last.report, seconds: 0 } : expect.unreachable()
}

/** In two threads that run this. */
const inThreads = async (run: URL) => {
  const threads = replaying(run, 2, 1)
  try {
    return await reportOf({ ...ours, ...threads })
  } finally {
    threads.end()
  }
}

test('the same report, with the objects of what disagrees', async () => {
  const [there, here] = [await inThreads(program), await reportOf()]
  expect(here.cases.disagreed).toBeGreaterThan(5)
  expect(here.disagreements.some(({ objects }) => objects && objects.length > 0)).toBe(true)
  expect(there).toEqual(here)
})

test('threads that end leave their cases to this one', async () => {
  expect(await inThreads(new URL('data:text/javascript,process.exit(1)'))).toEqual(await reportOf())
  expect(await inThreads(new URL('data:text/javascript,throw new Error("gone")'))).toEqual(await reportOf())
})

test('where there is little to do, nobody is asked', async () => {
  const threads = replaying(new URL('data:text/javascript,throw new Error("nobody calls me")'), 2)
  expect(await reportOf({ ...ours, ...threads })).toEqual(await reportOf())
})
