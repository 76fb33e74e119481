/** A page with a server behind it: for this machine and for who knows its word, and for nobody else. */
import { request } from 'node:http'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { PageData } from '../../page/data.ts'
import { PageServer } from '../../page/serve/server.ts'
import { commands, processIn, root, start } from '../cli/run.ts'
import { browserIsThere, launch, newTab } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-serve-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Answer {
  readonly code: number | undefined
  readonly text: string
}

const ask = (
  url: string,
  how: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request(url, how, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => resolve({ code: response.statusCode, text }))
    })
      .on('error', reject)
      .end()
  })

describe('a server', () => {
  const learned: unknown[] = []
  const server = (): PageServer =>
    new PageServer({
      page: () => 'the page',
      data: () => '{}',
      learn(model, choices) {
        if (model > 0) throw new Error('no such model')
        learned.push(choices)
      },
    })
  let running: PageServer | undefined
  afterEach(() => running?.close())
  const listen = (): Promise<string> => (running = server()).listen(0)

  test('shows the page to who knows the word', async () => {
    expect(await ask(await listen())).toEqual({ code: 200, text: 'the page' })
  })

  test.each([
    ['another word', (url: string) => ask(new URL(`/${'a'.repeat(new URL(url).pathname.length - 2)}/`, url).href)],
    ['no word', (url: string) => ask(new URL('/', url).href)],
    ['another host', (url: string) => ask(url, { headers: { host: 'relock.example' } })],
    ['the same machine by another name', (url: string) => ask(url, { headers: { host: 'localhost' } })],
    ['another verb', (url: string) => ask(url, { method: 'DELETE' })],
    ['a place that is none', (url: string) => ask(`${url}etc/passwd`)],
  ])('shows nothing to %s', async (_, asking) => {
    expect(await asking(await listen())).toEqual({ code: 404, text: '' })
  })

  test('learns what it is asked for, and refuses what makes no sense', async () => {
    const url = await listen()
    expect((await ask(`${url}learn?model=0&choices=0.2.1`, { method: 'POST' })).code).toBe(200)
    expect(learned).toEqual([[0, 2, 1]])
    for (const query of ['model=1&choices=', 'model=0&choices=a', 'model=x&choices=0', 'model=0&choices=0..1'])
      expect((await ask(`${url}learn?${query}`, { method: 'POST' })).code).toBe(400)
    expect(learned).toHaveLength(1)
  })

  test('has a new word each time', async () => {
    const [one, other] = [server(), server()]
    const words = [await one.listen(0), await other.listen(0)].map((url) => new URL(url).pathname)
    one.close()
    other.close()
    expect(new Set(words).size).toBe(2)
  })
})

const pageOf = (err: string): string => /Page {5}(http:\S+)/.exec(err)![1]!

test('explore --serve serves until Ctrl-C, and answers as explore does', async () => {
  const program = start(folder, ['explore', 'stale-dma', '--serve', '--quiet'])
  await program.says('Page')
  program.interrupt('SIGINT')
  const { code, err } = await program.ended
  expect(pageOf(err)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/)
  expect([1, 3]).toContain(code)
})

test.each([
  ['show', ['stale-dma'], 1, { runs: 1 }],
  ['replay', ['stale-dma'], 1, { runs: 1 }],
  ['compare', ['register'], 1, { tables: 1 }],
  ['explore', ['register'], 1, { searches: 3 }],
  ['lockdep', ['stale-dma', '--tasks', '1'], 0, { orders: 1 }],
] as const)('%s --serve serves what it found until Ctrl-C, and answers as ever', async (verb, words, code, carried) => {
  const quiet = verb === 'replay' ? [] : ['--quiet']
  const [, address = ''] =
    verb === 'replay'
      ? commands((await processIn(folder)(['explore', ...words])).out).find(([word]) => word === 'replay')!
      : []
  const program = start(folder, [verb, ...(verb === 'replay' ? [address] : words), '--serve', ...quiet])
  await program.says('Page')
  await program.prints(verb === 'replay' || verb === 'show' ? 'BUG' : words[0])
  const data = JSON.parse((await ask(`${pageOf(program.told.err)}data`)).text) as PageData
  program.interrupt('SIGINT')
  expect((await program.ended).code).toBe(code)
  for (const [part, least] of Object.entries(carried))
    expect(data[part as 'runs' | 'tables' | 'orders' | 'searches'].length).toBeGreaterThanOrEqual(least)
  expect(data.served).toBe(true)
})

test('XState actors are served with the chart of each, and what comes after a turn is asked for there', async () => {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'))
  writeFileSync(
    join(folder, 'form.ts'),
    `import { sendTo, setup } from 'xstate'
     const disk = setup({}).createMachine({ id: 'saver', initial: 'idle', states: { idle: { on: { SAVE: 'saved' } }, saved: {} } })
     export default setup({ actors: { disk } }).createMachine({
       id: 'form', invoke: { src: 'disk', id: 'disk' }, on: { OK: { actions: sendTo('disk', { type: 'SAVE' }) } } })`,
  )
  const program = start(folder, ['explore', './form.ts', '--serve', '--quiet'])
  await program.says('Page')
  await program.prints('BUG')
  const url = pageOf(program.told.err)
  const data = async () => JSON.parse((await ask(`${url}data`)).text) as PageData
  const { models, texts, runs } = await data()
  expect(models[0]!.charts.map(({ name }) => name)).toEqual(['form', 'saver'])
  expect(models[0]!.inner!.map(([name]) => texts[name])).toEqual(['disk'])
  expect(runs[0]!.heard!.slice(-2).map(({ words, ignored }) => [texts[words], ignored === 1])).toEqual([
    ['user: OK at form', false],
    ['form: SAVE at disk', true],
  ])
  expect((await ask(`${url}learn?model=0&choices=0.0`, { method: 'POST' })).code).toBe(200)
  program.interrupt('SIGINT')
  expect((await program.ended).code).toBe(1)
})

/** The searches that have told how far they are, once there are so many. */
const heardOf = (url: string, many: number): Promise<ReadonlySet<string>> =>
  new Promise((resolve, reject) => {
    const heard = new Set<string>()
    const asking = request(url, (response) =>
      response.on('data', (part: Buffer) => {
        for (const [, of] of part.toString().matchAll(/"of":"([^"]+)"/g)) heard.add(of!)
        if (heard.size < many) return
        asking.destroy()
        resolve(heard)
      }),
    )
    asking.on('error', (error) => heard.size < many && reject(error)).end()
  })

test('searches in other threads tell the page how far they are, each by its name, until Ctrl-C', async () => {
  // More samples than anybody waits for: what is heard was told while it went on.
  const endless = ['--strategy', 'random', '--runs', '999999999999999', '--quiet']
  const program = start(folder, ['compare', 'register', '--serve', ...endless])
  await program.says('Page')
  const url = pageOf(program.told.err)
  const heard = await heardOf(`${url}events`, Math.min(2, availableParallelism()))
  const stories = ['register-errnos', 'unregister-waits', 'three-party-deadlock']
  for (const of of heard) expect(stories).toContain(of.split(',')[0])
  program.interrupt('SIGINT')
  expect([1, 3]).toContain((await program.ended).code)
})

test('a port is a number', async () => {
  const { code, err } = await processIn(folder)(['explore', 'stale-dma', '--serve', '80'])
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining('--serve 80: not a whole number from 1,024 to 65,535.') as string,
  })
})

/** Two threads that count for ever: there is always another state. */
const counting = `import { always, field, kernel, loop, procedure, read, toScenario, write } from 'relock/kernel'
const count = field('count', 0)
const counts = procedure('counts', { n: 0 }, [loop(() => true, [read(count, 'n'), write(count, ({ n }) => n + 1)])])
export default toScenario({
  name: 'counting',
  world: () => kernel({ threads: { a: counts, b: counts } }),
  properties: [always('nothing is lost', (w) => w.field('count') >= 0)],
})
`

describe.runIf(browserIsThere)('in a browser', () => {
  test('how far a search is, is seen as it goes, until there is a report', async () => {
    // Endless work, however fast the machine and the checker are: it is stopped once it was seen to go on.
    writeFileSync(join(folder, 'counting.ts'), counting)
    const program = start(folder, ['explore', './counting.ts', '--serve', '--quiet'])
    await program.says('Page')
    const browser = await launch()
    const tab = await newTab(browser)
    await tab.goto(pageOf(program.told.err))
    const under = tab.getByRole('region', { name: 'Under way' })
    const states = async (): Promise<number> =>
      Number((await under.locator('.facts').innerText()).replace(/ states.*/s, '').replaceAll(',', ''))
    await under.waitFor()
    const first = await states()
    // Asked from outside: a condition that is text would be evaluated in the page, whose policy forbids just that.
    const then = new RegExp(`^${first.toLocaleString('en')} states`)
    await under.locator('.facts').filter({ hasNotText: then }).waitFor()
    expect(await states()).toBeGreaterThan(first)
    expect(await under.innerText()).toContain('./counting.ts,tasks=1 is being explored')
    expect(await under.locator('.frontier svg').count()).toBe(1)
    program.interrupt('SIGINT')
    await program.ended
    await browser.close()
  })

  test('the page follows the search, and learns where another turn leads', async () => {
    const program = start(folder, ['explore', 'two-containers', '--serve', '--quiet'])
    await program.says('Page')
    const url = pageOf(program.told.err)
    const browser = await launch()
    const tab = await newTab(browser)
    const complaints: string[] = []
    tab.on('console', (message) => complaints.push(message.text()))
    tab.on('pageerror', (error) => complaints.push(error.message))
    await tab.goto(url)
    await tab.locator('.verdict').first().waitFor()
    await tab.locator('table a').first().click()
    await tab.locator('.rows').waitFor()
    const data = JSON.parse((await ask(`${url}data`)).text) as PageData
    const before = data.models[0]!.entries.length
    const after = JSON.parse((await ask(`${url}learn?model=0&choices=0.0.0`, { method: 'POST' })).text) as PageData
    expect(data.models[0]!.whole || after.models[0]!.entries.length > before).toBe(true)
    expect(complaints).toEqual([])
    await browser.close()
    program.interrupt('SIGINT')
    await program.ended
  })
})
