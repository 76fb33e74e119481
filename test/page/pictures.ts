/** npm run pictures: the pictures of the README, made by the program. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processIn, root } from '../cli/run.ts'
import { launch, open } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-pictures-'))
const file = join(folder, 'stale-dma.html')
await processIn(folder)(['explore', 'stale-dma', '--html', file])
const browser = await launch()

const report = await open(browser, file, { width: 1080, height: 560 })
await report.tab.screenshot({ path: join(root, 'docs/report.png') })

const lanes = await open(browser, file, { width: 1600, height: 860, at: '#view=run&step=38' })
const rows = lanes.tab.locator('.rows')
// The step that is looked at, and what comes after it.
await rows.evaluate((element) => element.scrollBy(0, 200))
await rows.screenshot({ path: join(root, 'docs/lanes.png') })

await browser.close()
rmSync(folder, { recursive: true, force: true })
