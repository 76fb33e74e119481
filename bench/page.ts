/** (f): a page from the disk to the first thing that is seen, in Chromium, how large its file is, and how long a key and a turn of the wheel take. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { replay } from '../explore/index.ts'
import { Book } from '../page/make/book.ts'
import { html } from '../page/make/html.ts'
import { browserIsThere, launch } from '../test/page/browser.ts'
import { orderingBug } from '../test/toys/ordering-bug.ts'
import { range, whole } from './numbers.ts'
import { cli } from './relock.ts'
import type { Sheet } from './tables.ts'

const exploring =
  (scenario: string) =>
  (file: string): void =>
    void cli('explore', scenario, '--quiet', '--html', file)

/** A run of the tests' own, as long as they come. */
const tenThousand = (file: string): void => {
  const system = orderingBug(2500)
  const book = new Book()
  const schedule = Array.from({ length: 10_000 }, () => 0)
  const trace = replay(system, schedule)
  book.run({ trace, wrong: undefined, title: 'long', address: 'long@0:0x10000' }, system)
  writeFileSync(file, html(book.data('replay long'), 'long'))
}

const reports: readonly (readonly [name: string, write: (file: string) => void])[] = [
  ['54 steps', exploring('stale-dma')],
  ['195 steps', exploring('unregister-waits,unmap=restart')],
  ['10,000 steps', tenThousand],
]

/** Milliseconds from the beginning of loading to the first contentful paint, as the browser has it. */
const looking = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntriesByName('first-contentful-paint')) resolve(startTime)
  }).observe({ type: 'paint', buffered: true })
})`

/** Milliseconds until what was done can be seen: the end of the frame after it; a hundred times. */
const untilSeen = (act: string): string => `(async () => {
  const times = []
  for (let n = 0; n < 100; n++) {
    const begun = performance.now()
    ${act}
    await new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)))
    times.push(performance.now() - begun)
  }
  return times
})()`

const acts = {
  key: `dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }))`,
  wheel: `document.querySelector('.rows').scrollBy(0, 400)`,
} as const

export async function firstPaint(rounds: number): Promise<Sheet> {
  const folder = mkdtempSync(join(tmpdir(), 'relock-bench-'))
  const browser = browserIsThere ? await launch() : undefined
  const rows: string[][] = []
  for (const [name, write] of browser ? reports : []) {
    const file = join(folder, `${name.replace(/\W+/g, '-')}.html`)
    write(file)
    const seen: { readonly paint: number[]; readonly key: number[]; readonly wheel: number[] } = {
      paint: [],
      key: [],
      wheel: [],
    }
    for (let round = 0; round < rounds; round++) {
      const tab = await browser!.newPage({ viewport: { width: 1400, height: 900 } })
      await tab.goto(`${pathToFileURL(file).href}#view=run&rows=all`)
      seen.paint.push((await tab.evaluate(looking)) as number)
      for (const act of ['wheel', 'key'] as const)
        seen[act].push(...((await tab.evaluate(untilSeen(acts[act]))) as number[]))
      await tab.close()
    }
    rows.push([
      name,
      whole(statSync(file).size / 1000),
      ...[seen.paint, seen.key, seen.wheel].map((times) => range(times, 0)),
    ])
  }
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
  return {
    name: 'page',
    title: `(f) a page in Chromium, n = ${rounds}`,
    head: ['run', 'file kB', 'first paint ms (min..max)', 'a key ms', 'a turn of the wheel ms'],
    rows,
  }
}
