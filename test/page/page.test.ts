/** A report in a browser: what is seen, what keys do, and that it is for everybody and asks nobody for anything. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import { Book } from '../../page/make/book.ts'
import { html } from '../../page/make/html.ts'
import { orderingBug } from '../toys/ordering-bug.ts'
import { relockIn } from '../cli/run.ts'
import { back, browserIsThere, launch, newTab, open, type How } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-page-'))
const relock = relockIn(folder)
const file = join(folder, 'stale.html')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

let browser: Browser

/** The end of the run that reads what another thread has freed, in full and as the address of a view. */
const crash = '#view=run&step=54'

describe.runIf(browserIsThere)('a page', () => {
  beforeAll(async () => {
    await relock(['explore', 'stale-dma', '--html', file])
    browser = await launch()
  })

  afterAll(async () => {
    await browser?.close()
  })

  const at = async (how: How, look: (tab: Page) => Promise<void>): Promise<void> => {
    const { tab, complaints, requests } = await open(browser, file, how)
    await look(tab)
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    await tab.close()
  }

  const text = (tab: Page, of: string): Promise<string> => tab.locator(of).first().innerText()
  const hash = (tab: Page): Promise<string> => tab.evaluate('location.hash')
  const chosen = (tab: Page): Promise<string> => text(tab, '[role=option][aria-selected=true]')

  test('says first what came of the search, and leads to each run', () =>
    at({}, async (tab) => {
      expect(await text(tab, '.verdict')).toContain('stale-dma,unmap=per-mapping,tasks=2')
      expect(await text(tab, 'main')).toContain('34 states in 12 levels')
      await tab.getByRole('link', { name: '54 steps of the run: use-after-free in vfio_dma_do_unmap' }).click()
      expect(await text(tab, '.splat')).toContain('dma0#1 freed by vmm1 (in unmap) at step 38')
      expect(await tab.locator('.replay').innerText()).toMatch(/^npx relock replay stale-dma,.*@[0-9a-f]{12}:/)
    }))

  test('shows a step from its address: what it changed, what it follows from, what else could have come', () =>
    at({ at: '#view=run&step=38' }, async (tab) => {
      expect(await text(tab, '.detail h2')).toBe('Step 38')
      expect(await text(tab, '.changes')).toContain('type1 dmas −= dma0#1')
      expect(await text(tab, '[aria-label=Why]')).toContain('sent in step 37')
      expect(await chosen(tab)).toContain('②')
    }))

  test('is walked by keys, and the address goes along', () =>
    at({ at: '#view=run' }, async (tab) => {
      await tab.keyboard.press('j')
      expect(await chosen(tab)).toContain('vmm0: unmap 0x1000+0x1000')
      await tab.keyboard.press('j')
      await tab.keyboard.press('j')
      expect(await hash(tab)).toBe('#view=run&step=5')
      await tab.keyboard.press('k')
      expect(await hash(tab)).toBe('#view=run&step=4')
      await tab.keyboard.press('End')
      expect(await hash(tab)).toBe('#view=run&step=54')
      await tab.keyboard.press('h')
      expect(await text(tab, '.detail h2')).toBe('Step 40')
      await tab.keyboard.press('s')
      expect(await tab.locator('.step').count()).toBeGreaterThan(20)
      expect(await hash(tab)).toContain('rows=all')
      await tab.keyboard.press('?')
      await tab.getByRole('dialog').waitFor()
      await tab.keyboard.press('Escape')
      await tab.getByRole('dialog').waitFor({ state: 'hidden' })
      await tab.keyboard.press('1')
      await tab.locator('.verdict').waitFor()
      await back(tab)
      await tab.locator('.rows').waitFor()
    }))

  test('hears a key as soon as it is drawn', async () => {
    const tab = await newTab(browser)
    await tab.addInitScript(`new MutationObserver((_, seen) => {
      if (!document.querySelector('main')) return
      seen.disconnect()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }))
    }).observe(document, { childList: true, subtree: true })`)
    await tab.goto(`${pathToFileURL(file).href}#view=run`)
    expect(await chosen(tab)).toContain('vmm0: unmap 0x1000+0x1000')
    await tab.close()
  })

  test('hears a key that comes to a dialog which was just closed', () =>
    at({ at: '#view=run' }, async (tab) => {
      await tab.keyboard.press('?')
      await tab.getByRole('dialog').waitFor()
      await tab.evaluate(`(() => {
        const dialog = document.querySelector('dialog')
        const press = () => dialog.querySelector('button').dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true }))
        press()
        if (document.querySelector('.verdict')) throw new Error('it heard a key of the dialog')
        dialog.close()
        press()
      })()`)
      expect(await text(tab, '.verdict')).toContain('stale-dma')
    }))

  test('finds what is searched for, and says how much it leaves out', () =>
    at({ at: '#view=run&rows=all' }, async (tab) => {
      await tab.keyboard.press('/')
      await tab.keyboard.type('changed:dmas')
      expect(await tab.locator('.step').count()).toBe(2)
      expect(await text(tab, '.corner')).toContain('52 rows left out')
    }))

  test('leads from a value to whoever wrote it', () =>
    at({ at: '#view=run&step=38' }, async (tab) => {
      await tab.getByRole('button', { name: 'type1 dmas' }).click()
      expect(await text(tab, '[aria-label="The chosen value"]')).toContain('It is as step 38 left it')
    }))

  test('takes other turns than the recorded ones', () =>
    at({ at: crash }, async (tab) => {
      await tab.locator('.turns button').first().click()
      expect(await text(tab, '.detail h2')).toBe('Step 54')
      expect(await text(tab, '.detail')).toContain('It could go on from here.')
      expect(await hash(tab)).toContain('turns=53%3A')
      await tab.getByRole('button', { name: 'Back to the recorded run' }).click()
      expect(await hash(tab)).not.toContain('turns')
    }))

  test('says where another turn leads, and goes there', () =>
    at({ at: '#view=run&step=33' }, async (tab) => {
      await tab.getByRole('button', { name: 'Where does that lead?' }).click()
      await tab.getByRole('button', { name: '✗ use-after-free in vfio_dma_do_unmap' }).first().click()
      expect(await text(tab, '.detail p.found')).toBe('✗ use-after-free in vfio_dma_do_unmap')
      expect(await text(tab, '.detail')).toContain('The kernel would have crashed here.')
    }))

  test('folds lanes away and brings them back', () =>
    at({ at: '#view=run' }, async (tab) => {
      const lanes = tab.locator('svg.lanes line.lane')
      const before = await lanes.count()
      await tab.getByRole('button', { name: 'Fold away mdev0', exact: true }).click()
      expect(await lanes.count()).toBe(before - 1)
      await tab.getByRole('button', { name: 'Show mdev0 again' }).click()
      expect(await lanes.count()).toBe(before)
    }))

  test.each(['light', 'dark'] as const)('breaks no rule that axe-core knows, in %s', async (scheme) => {
    for (const place of [
      '',
      '#view=run',
      crash,
      '#view=two',
      '#view=locks&step=12',
      '#view=machine&step=24&actor=vmm0%2Funmap',
    ]) {
      // axe is put in by the browser's own debugger, which no policy of a page binds.
      await at({ scheme, at: place }, async (tab) => {
        await tab.evaluate(axe.source)
        const found = (await tab.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] }
        expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
      })
    }
  })

  test.each(['light', 'dark'] as const)('is drawn for a system that is %s, until somebody says otherwise', (scheme) =>
    at({ scheme }, async (tab) => {
      const theme = () => tab.evaluate('document.documentElement.dataset.theme')
      expect(await theme()).toBe(scheme)
      await tab.getByRole('button', { name: 'Dark' }).click()
      expect(await theme()).toBe(scheme === 'dark' ? 'light' : 'dark')
    }),
  )

  test.each(['', crash, '#view=two', '#view=locks', '#view=machine'])('fits a narrow window: %s', (place) =>
    at({ width: 390, at: place }, async (tab) => {
      expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    }),
  )

  test('lays two runs beside each other, and says where they part', () =>
    at({ at: '#view=two' }, async (tab) => {
      expect(await text(tab, '[role=status]')).toBe('They differ from step 2 on.')
      expect(await tab.locator('tbody.own').first().innerText()).toContain('vmm1: START')
      await tab.getByRole('button', { name: '21 steps that both do' }).click()
      expect(await tab.locator('tbody.same').nth(2).locator('tr').count()).toBe(25)
    }))

  test('shows who held a lock and who wanted it, and leads to the step', () =>
    at({ at: '#view=locks' }, async (tab) => {
      const lock = tab.getByRole('region', { name: 'iommu.lock' })
      await lock.locator('summary').click()
      expect(await lock.locator('li').allInnerTexts()).toEqual(
        expect.arrayContaining(['vmm1 wants it from step 4 to step 29', 'vmm1 holds it from step 29 to step 42']),
      )
      await lock.getByRole('button', { name: 'from step 29' }).click()
      expect(await text(tab, '.detail h2')).toBe('Step 29')
    }))

  test('shows the statechart of an actor: where it is, what it took, what it never does', () =>
    at({ at: '#view=machine&step=24&actor=vmm0%2Funmap' }, async (tab) => {
      expect(await text(tab, 'main')).toContain('After step 24 it is in notifying.')
      expect(await tab.locator('.box.now').allTextContents()).toEqual(['notifying'])
      expect(await tab.locator('.box.never').allTextContents()).toEqual(['refusing'])
      expect(await tab.locator('.way.taken').allTextContents()).toEqual(['UNLOCKED'])
      expect(await tab.locator('li', { hasText: '(taken by step 12)' }).count()).toBe(1)
    }))

  test('says by name what the search never came by', () =>
    at({}, async (tab) => {
      await tab.locator('.coverage summary').click()
      expect(await text(tab, '.coverage')).toContain('checking: CHECKED')
    }))

  test('shows every row on paper', () =>
    at({ at: '#view=run&rows=all' }, async (tab) => {
      expect(await tab.locator('.step').count()).toBeLessThan(54)
      await tab.evaluate("dispatchEvent(new Event('beforeprint'))")
      expect(await tab.locator('.step').count()).toBe(54)
    }))

  test('runs nothing but its own script, whatever is put into it', async () => {
    const { tab, complaints } = await open(browser, file)
    await tab.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.foreign = true' }))",
    )
    expect(await tab.evaluate('window.foreign')).toBeUndefined()
    expect(complaints.join()).toContain('Content Security Policy')
    await tab.close()
  })
})

describe.runIf(browserIsThere)('a page of', () => {
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  test('a family leads from each cell that fails to the run behind it, and from each that holds to one that shows it', async () => {
    const family = join(folder, 'register.html')
    await relock(['compare', 'register', '--html', family])
    const { tab, complaints, requests } = await open(browser, family)
    const row = tab.locator('.compared tr', { hasText: 'no BUG' })
    expect((await row.locator('.mark > [aria-hidden]').allInnerTexts()).join('')).toBe('✓✓✗')
    const cells = tab.locator('.compared td:has(.mark:not(.none, .unknown))')
    expect(await cells.getByRole('link').count()).toBe(await cells.count())
    await row.getByRole('link').first().click()
    await tab.locator('.rows').waitFor()
    expect(await tab.locator('.splat').count()).toBe(0)
    await back(tab)
    await row.getByRole('link', { name: 'broken' }).click()
    expect(await tab.locator('.splat h2').innerText()).toContain('kernel BUG in vfio_dma_do_unmap: retries')
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
  })

  test('an order of locks says as text what it draws, and shows the run of each edge', async () => {
    const locks = join(folder, 'locks.html')
    await relock(['lockdep', 'stale-dma', '--unmap', 'device-list', '--tasks', '1', '--html', locks])
    const { tab, complaints, requests } = await open(browser, locks, { scheme: 'dark' })
    const edges = tab.getByRole('region', { name: 'Order of locks' }).locator('li')
    expect(await edges.count()).toBe(await tab.locator('.graph .way').count())
    expect(await edges.filter({ hasText: '✗' }).count()).toBe(2)
    expect(await tab.locator('.splat').innerText()).toContain('possible circular locking dependency')
    await edges.first().getByRole('link').click()
    await tab.locator('.rows').waitFor()
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
  })

  test('ten thousand steps draws those that are seen', async () => {
    const system = orderingBug(2500)
    const book = new Book()
    const trace = replay(
      system,
      Array.from({ length: 10_000 }, () => 0),
    )
    book.run({ trace, wrong: undefined, title: 'long', address: 'long@0:0x10000' }, system)
    const long = join(folder, 'ten-thousand.html')
    writeFileSync(long, html(book.data('replay long'), 'long'))
    const { tab, complaints } = await open(browser, long, { at: '#view=run&rows=all' })
    expect(await tab.locator('.step').count()).toBeLessThan(60)
    await tab.keyboard.press('End')
    expect(await tab.locator('[aria-selected=true] .number').innerText()).toBe('10000')
    expect(await tab.locator('.step').count()).toBeLessThan(60)
    expect(await tab.locator('svg.lanes .arrow').count()).toBeLessThan(100)
    expect(complaints).toEqual([])
  })
})

test('a page of a run of 195 steps is smaller than 400 kB', async () => {
  const long = join(folder, 'long.html')
  const { err } = await relock(['explore', 'unregister-waits', '--unmap', 'restart', '--html', long])
  expect(err).toBe(`Page     ${long}\n`)
  expect(readFileSync(long, 'utf8')).toContain('"195 steps"')
  expect(statSync(long).size).toBeLessThan(400_000)
})
