/** A page of a race whose locks and variables are called as C has it: names with arrows, brackets and ampersands are shown, linked and drawn. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forget, processIn, scratch } from '../cli/run.ts'
import { browserIsThere, launch, open } from './browser.ts'

const folder = scratch()
const file = join(folder, 'names.html')
afterAll(() => forget(folder))

const race = `import { always, field, kernel, mutex, mutex_lock, mutex_unlock, procedure, read, toScenario, write } from 'relock/kernel'
const gsm = mutex('gsm->mutex')
const irqs = mutex('&vdev->irqs[0].lock')
const count = field('gsm->dlci[0]->count', 0)
const up = procedure('gsm_dlci_open', { n: 0 }, [
  mutex_lock(gsm), mutex_lock(irqs), read(count, 'n'), write(count, ({ n }) => n + 1), mutex_unlock(irqs), mutex_unlock(gsm),
])
const down = procedure('gsm_cleanup_mux', { n: 0 }, [
  mutex_lock(irqs), mutex_lock(gsm), read(count, 'n'), write(count, ({ n }) => n + 1), mutex_unlock(gsm), mutex_unlock(irqs),
])
export default toScenario({
  name: 'names',
  world: () => kernel({ threads: { a: up, b: down } }),
  properties: [always('nobody counts', (w) => w.field('gsm->dlci[0]->count') === 0, { when: (w) => w.finished })],
})
`

describe.runIf(browserIsThere)('names as C has them, on a page', () => {
  let browser: Browser

  beforeAll(async () => {
    writeFileSync(join(folder, 'names.ts'), race)
    await processIn(folder)(['explore', './names.ts', '--html', file])
    browser = await launch()
  })
  afterAll(() => browser?.close())

  const at = async (place: string, look: (tab: Page) => Promise<void>): Promise<void> => {
    const { tab, complaints, requests } = await open(browser, file, { at: place })
    await look(tab)
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    await tab.close()
  }

  test('the verdicts say them, and lead to the run of the deadlock', () =>
    at('', async (tab) => {
      expect(await tab.locator('main').innerText()).toContain('deadlock at &vdev->irqs[0].lock and gsm->mutex')
      await tab.getByRole('link', { name: 'the run: deadlock at' }).first().click()
      expect(await tab.locator('.splat').innerText()).toContain('&vdev->irqs[0].lock')
      expect(await tab.locator('svg.lanes').innerHTML()).not.toContain('undefined')
      expect(await tab.locator('.rows').innerText()).toContain('mutex_lock(gsm->mutex)')
    }))

  test('a lock has its history under its name', () =>
    at('#view=locks', async (tab) => {
      for (const name of ['gsm->mutex', '&vdev->irqs[0].lock']) {
        const lock = tab.getByRole('region', { name, exact: true })
        await lock.locator('summary').click()
        expect((await lock.locator('li').allInnerTexts()).join()).toMatch(/[ab] holds it from step \d+/)
      }
    }))

  test('the statechart of a lock is found by its name in the address, which a reload brings back', () =>
    at(`#view=machine&step=4&actor=${encodeURIComponent('&vdev->irqs[0].lock')}`, async (tab) => {
      const seen = await tab.locator('main').innerText()
      expect(seen).toContain('&vdev->irqs[0].lock')
      expect(await tab.locator('.box.now').allTextContents()).toEqual([expect.stringMatching(/free|held/)])
      await tab.reload()
      await tab.locator('.box.now').waitFor()
      expect(await tab.locator('main').innerText()).toBe(seen)
    }))

  test('a variable leads to whoever wrote it', () =>
    at('', async (tab) => {
      await tab.getByRole('link', { name: 'violated: nobody counts' }).first().click()
      await tab.locator('.rows').waitFor()
      await tab.keyboard.press('/')
      await tab.keyboard.type('gsm->dlci[0]->count')
      expect(await tab.locator('.step').count()).toBeGreaterThan(0)
      expect(await tab.locator('.rows').innerText()).toContain('gsm->dlci[0]->count = n + 1 (1)')
    }))
})
