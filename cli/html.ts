/** `--html`: what was found as a page, in a file of its own. Its code is read only when somebody asks for one. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Option, type Command } from 'commander'
import * as errors from '../report/errors.ts'
import type { System } from '../explore/system.ts'
import type { FamilyReport, Searched } from '../report/family.ts'
import type { LockdepSubject } from '../report/lockdep-text.ts'
import { nameOfPage } from '../report/save.ts'
import { shellWord } from '../report/text.ts'
import { visible } from '../report/words.ts'
import type { Book } from '../page/make/book.ts'
import type { Searched as ToTell } from '../page/make/search.ts'
import type { World } from '../page/make/table.ts'
import type { Desk } from './desk.ts'
import type { ServeFlags } from './verbs/serve.ts'

export interface HtmlFlags {
  /** A file's name; true: whichever. */
  readonly html?: string | true
}

const named = (word: string): string => {
  if (!/\.html?$/i.test(word)) throw errors.noPageName(word)
  return word
}

export const withHtml = (command: Command): Command =>
  command.addOption(
    new Option('--html [file]', 'write a page, too: one file that shows everything in a browser').argParser(named),
  )

/** An empty book, if a page is asked for. */
export const bookFor = async ({ html, serve }: HtmlFlags & ServeFlags): Promise<Book | undefined> => {
  if (html === undefined && serve === undefined) return undefined
  const { Book } = await import('../page/make/book.ts')
  return new Book()
}

/** A search with all its runs. */
export const addSearch = async (book: Book, subject: ToTell): Promise<void> => {
  const { searchData } = await import('../page/make/search.ts')
  book.searches.push(searchData(subject, book))
}

/** A table, and the run behind each cell that fails. */
export const addTable = async (book: Book, ...table: TableArguments): Promise<void> => {
  const { tableData } = await import('../page/make/table.ts')
  book.tables.push(tableData(...table, book))
}

type TableArguments = [family: FamilyReport, worldOf: (search: Searched) => World]

/** An order of locks, and the runs that show it. */
export const addOrder = async (book: Book, subject: LockdepSubject, system: System<any>): Promise<void> => {
  const { orderData } = await import('../page/make/order.ts')
  book.orders.push(orderData(subject, system, book))
}

/** Writes what was gathered, and says where. `words` is the command without its options. */
export const writePage = async (
  book: Book | undefined,
  { html }: HtmlFlags,
  words: readonly string[],
  desk: Desk,
): Promise<void> => {
  if (!book || html === undefined) return
  const { html: made } = await import('../page/make/html.ts')
  const path = html === true ? nameOfPage(words.slice(1).join(' ')) : html
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, made(book.data(words.map(shellWord).join(' ')), `relock ${words.join(' ')}`))
  } catch (error) {
    throw errors.unwritable(path, (error as Error).message)
  }
  desk.err.write(`Page     ${visible(path)}\n`)
}
