/** A report as the page that `relock explore --html` writes. */
import { Book } from '../page/make/book.ts'
import { html } from '../page/make/html.ts'
import { searchData } from '../page/make/search.ts'
import type { Report } from '../explore/outcome/report.ts'
import { subjectIn, toldOf } from './subject.ts'

/** Undefined of a copy, or of what was read from a file: its runs cannot be made. */
export const pageOf = (report: Report): string | undefined => {
  const told = toldOf(report)
  if (told === undefined) return undefined
  const book = new Book()
  if (told.world) book.know(told.system, told.world.actors)
  book.searches.push(searchData(subjectIn(report, told), book))
  return html(book.data(`explore ${told.scenario}`), told.scenario)
}
