/** (f): a page from the disk to the first thing that is seen, in Chromium, and how large its file is. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { browserIsThere, launch } from '../test/page/browser.ts'
import { range, whole } from './numbers.ts'
import { cli } from './relock.ts'
import type { Sheet } from './tables.ts'

const reports = [
  ['54 steps', 'stale-dma'],
  ['195 steps', 'unregister-waits,unmap=restart'],
] as const

/** Milliseconds from the beginning of loading to the first contentful paint, as the browser has it. */
const looking = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntriesByName('first-contentful-paint')) resolve(startTime)
  }).observe({ type: 'paint', buffered: true })
})`

export async function firstPaint(rounds: number): Promise<Sheet> {
  const folder = mkdtempSync(join(tmpdir(), 'relock-bench-'))
  const browser = browserIsThere ? await launch() : undefined
  const rows: string[][] = []
  for (const [name, scenario] of browser ? reports : []) {
    const file = join(folder, `${name.replace(' ', '-')}.html`)
    cli('explore', scenario, '--quiet', '--html', file)
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const tab = await browser!.newPage({ viewport: { width: 1400, height: 900 } })
      await tab.goto(`${pathToFileURL(file).href}#view=run`)
      times.push((await tab.evaluate(looking)) as number)
      await tab.close()
    }
    rows.push([name, whole(statSync(file).size / 1000), range(times, 0)])
  }
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
  return {
    name: 'page',
    title: `(f) a page in Chromium, n = ${rounds}`,
    head: ['run', 'file kB', 'first paint ms (min..max)'],
    rows,
  }
}
