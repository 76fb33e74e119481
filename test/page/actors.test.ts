/** A page of XState actors: each has a lane of its own, by the name that people gave it, with what changed, and a statechart. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forget, processIn, scratch } from '../cli/run.ts'
import { browserIsThere, launch, open } from './browser.ts'

const folder = scratch()
const file = join(folder, 'shop.html')
afterAll(() => forget(folder))

/** A charge that is paid after its customer has given up, while the word of that is on its way. */
const shop = `import { assign, fromPromise, sendParent, sendTo, setup } from 'xstate'
import { always, system } from 'relock/xstate'
const payment = setup({
  types: { context: {} as { tries: number } },
  actors: { charge: fromPromise(async () => 'receipt') },
}).createMachine({
  id: 'payment', context: { tries: 0 }, initial: 'idle',
  states: {
    idle: { on: { CHARGE: { target: 'charging', actions: assign({ tries: 1 }) } } },
    charging: {
      invoke: {
        src: 'charge', id: 'charge',
        onDone: { target: 'charged', actions: sendParent({ type: 'PAID' }) },
        onError: 'idle',
      },
      on: { VOID: 'idle' },
    },
    charged: {},
  },
})
const checkout = setup({ actors: { payment } }).createMachine({
  id: 'checkout', invoke: { src: 'payment', id: 'till', systemId: 'till' }, initial: 'cart',
  states: {
    cart: { on: { PAY: { target: 'paying', actions: sendTo('till', { type: 'CHARGE' }) } } },
    paying: { on: { PAID: 'paid', CANCEL: { target: 'cart', actions: sendTo('till', { type: 'VOID' }) } } },
    paid: {},
  },
})
export default system(checkout, {
  semantics: 'network', events: [{ send: 'PAY', times: 1 }, { send: 'CANCEL', times: 1 }],
  answers: { charge: { resolves: ['receipt'] } }, ignores: ['PAY', 'CANCEL', 'VOID', 'PAID'],
  properties: [always('nobody pays while in the cart', (w) => !(w.root.matches('cart') && w.actor('till')?.matches('charged')))],
})
`

describe.runIf(browserIsThere)('XState actors on a page', () => {
  let browser: Browser

  beforeAll(async () => {
    writeFileSync(join(folder, 'shop.ts'), shop)
    await processIn(folder)(['explore', './shop.ts', '--html', file])
    browser = await launch()
  })
  afterAll(() => browser?.close())

  const at = async (place: string, look: (tab: Page) => Promise<void>): Promise<void> => {
    const { tab, complaints, requests } = await open(browser, file, { at: place, width: 1600 })
    await look(tab)
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    await tab.close()
  }

  /** Which lane something stands at: the column whose line is nearest. */
  const laneAt = async (tab: Page, x: number): Promise<string> => {
    const lanes = await tab
      .locator('line.lane')
      .evaluateAll((lines) => lines.map((line) => Number(line.getAttribute('x1'))))
    const names = await tab.locator('.heads .head span').allInnerTexts()
    return names[lanes.findIndex((each) => Math.abs(each - x) < 1)] ?? 'none'
  }

  test('each has a lane, and an arrow leads from who said something to who heard it', () =>
    at('#view=run', async (tab) => {
      // Of locks they know nothing.
      expect(await tab.locator('header nav a').allInnerTexts()).toEqual(['Verdicts', 'Run', 'Two runs', 'Machine'])
      expect(await tab.locator('.heads .head span').allInnerTexts()).toEqual([
        'user',
        'checkout',
        'till',
        'till/charge',
      ])
      const arrows = await tab.locator('svg.lanes g.arrow').evaluateAll((all) =>
        all.map((each) => {
          const line = each.querySelector('line')!
          return {
            x: [line.getAttribute('x1'), line.getAttribute('x2')].map(Number),
            text: each.querySelector('text')!.textContent,
          }
        }),
      )
      const told = []
      for (const { x, text } of arrows) told.push([await laneAt(tab, x[0]!), text, await laneAt(tab, x[1]!)].join(' '))
      expect(told).toMatchInlineSnapshot(`
        [
          "user PAY checkout",
          "user CANCEL checkout",
          "checkout CHARGE till",
          "till starts till/charge",
          "till/charge done receipt till",
        ]
      `)
    }))

  test('what changed stands at the lane of whom it changed, and what is wrong is numbered as in the terminal', () =>
    at('#view=run', async (tab) => {
      expect(await tab.locator('svg.lanes .effect').allTextContents()).toMatchInlineSnapshot(`
        [
          "state cart → paying, checkout sends CHARGE to till",
          "state paying → cart, checkout sends VOID to till",
          "state idle → charging, tries 0 → 1",
          "state charging → charged, till sends PAID to checkout",
        ]
      `)
      expect(await tab.locator('.step').allInnerTexts()).toMatchInlineSnapshot(`
        [
          "1
        user: PAY at checkout
        : state cart → paying, checkout sends CHARGE to till",
          "2
        user: CANCEL at checkout
        : state paying → cart, checkout sends VOID to till",
          "3
        ②
        side two, earlier:
        checkout: CHARGE at till
        : state idle → charging, tries 0 → 1",
          "4
        till: starts at till/charge",
          "5
        ①
        side one, now:
        till/charge: done at till receipt
        : state charging → charged, till sends PAID to checkout",
        ]
      `)
      expect(await tab.locator('.splat').innerText()).toMatch(
        /^BUG: relock: violated: nobody pays while in the cart\n①/,
      )
      expect(await tab.locator('.splat').innerText()).not.toContain('mapped')
    }))

  test('its statechart is one click away: where it is, and which way it went', () =>
    at('#view=run', async (tab) => {
      await tab.getByRole('button', { name: 'Statechart of till' }).click()
      expect(await tab.locator('main select').first().inputValue()).toBe('till')
      expect(await tab.locator('.box.now').allTextContents()).toEqual(['charged'])
      expect(await tab.locator('main li.self').allInnerTexts()).toMatchInlineSnapshot(`
        [
          "charging: charge returned / xstate.sendTo → charged (taken by step 5)",
        ]
      `)
    }))

  test('no key leads to locks, of which there are none, and none is said to', () =>
    at('#view=run&run=0', async (tab) => {
      await tab.waitForSelector('.lanes, svg, #main')
      const before = tab.url()
      await tab.keyboard.press('4')
      expect(tab.url()).toBe(before)
      await tab.keyboard.press('?')
      await tab.waitForSelector('dialog[open]')
      const said = (await tab.locator('dialog[open] dd').allTextContents()).map((each) => each.trim())
      expect(said).toContain('machine')
      expect(said).not.toContain('locks')
    }))

  test('an error that nobody catches is the end of them, and no kernel is spoken of', async () => {
    writeFileSync(
      join(folder, 'fails.ts'),
      `import { fromPromise, setup } from 'xstate'
       export default setup({ actors: { save: fromPromise(async () => 0) } }).createMachine({
         id: 'form', invoke: { src: 'save', id: 'save' }, initial: 'open', states: { open: {} } })`,
    )
    const page = join(folder, 'fails.html')
    await processIn(folder)(['explore', './fails.ts', '--html', page])
    const { tab } = await open(browser, page, { at: '#view=run' })
    await tab.keyboard.press('End')
    const detail = await tab.locator('.detail').innerText()
    expect(detail).toContain('uncaught Error')
    expect(detail).toContain('With that it is over.')
    expect(detail).not.toContain('kernel')
    await tab.close()
  })

  test('keys lead from step to step, over all that is heard in one; a lane can be folded away, and other turns be taken', () =>
    at('#view=run', async (tab) => {
      const headings: string[] = []
      for (let each = 0; each < 3; each++) {
        await tab.keyboard.press('j')
        headings.push(await tab.locator('.detail h2').first().innerText())
      }
      expect(headings).toMatchInlineSnapshot(`
        [
          "Step 1",
          "Step 2",
          "Step 3–4",
        ]
      `)
      await tab.keyboard.press('k')
      expect(await tab.locator('.detail h2').first().innerText()).toBe(headings[1])
      await tab.getByRole('button', { name: 'Fold away till/charge' }).click()
      expect(await tab.locator('.heads .head span').allInnerTexts()).toEqual(['user', 'checkout', 'till'])
      await tab.locator('.turns button').first().click()
      expect(await tab.locator('.detour').count()).toBe(1)
      expect(await tab.locator('svg.lanes').innerHTML()).not.toMatch(/NaN|undefined/)
    }))
})
