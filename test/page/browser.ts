/** A page in a real browser: Chromium, if this machine has it. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const found = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find(isProgram)

/** Where it is looked for; without it these tests are not run, unless they must be (RELOCK_BROWSER=must). */
export const browserIsThere = found !== undefined || process.env['RELOCK_BROWSER'] === 'must'

if (!browserIsThere)
  process.stderr.write('The tests of the page are NOT RUN: there is no Chromium here (apt-get install chromium).\n')

/** The sandbox of Chromium refuses root. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: found ?? 'chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    timeout: 0,
  })

/** Waits for as long as a test may take, nearly: how busy the machine is says nothing about the page, and what never comes is named. */
export const newTab = async (browser: Browser, how?: BrowserContextOptions): Promise<Page> => {
  const tab = await browser.newPage(how)
  tab.setDefaultTimeout(1_500_000)
  return tab
}

export interface How {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
  /** What stands behind the `#`. */
  readonly at?: string
}

export interface Opened {
  readonly tab: Page
  /** What it has complained of, and whom it has asked for something. */
  readonly complaints: readonly string[]
  readonly requests: readonly string[]
}

/** A file, opened from the disk. */
export const open = async (
  browser: Browser,
  file: string,
  { scheme = 'light', width = 1400, height = 900, at = '' }: How = {},
): Promise<Opened> => {
  const tab = await newTab(browser, { viewport: { width, height }, colorScheme: scheme })
  const [complaints, requests]: [string[], string[]] = [[], []]
  const url = pathToFileURL(file).href
  tab.on('console', (message) => complaints.push(message.text()))
  tab.on('pageerror', (error) => complaints.push(error.message))
  tab.on('request', (request) => {
    if (request.url().split('#')[0] !== url && request.url() !== 'data:,') requests.push(request.url())
  })
  await tab.goto(`${url}${at}`)
  await tab.waitForSelector('main')
  return { tab, complaints, requests }
}

/**
 * To the page of history before this one. The page asks for it itself: Chromium is told of a new one by the page, and the debugger, who comes
 * another way, may ask before that.
 */
export const back = (tab: Page): Promise<unknown> => tab.evaluate('history.back()')
