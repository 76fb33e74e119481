/** Texts of a page, each of them once, and nothing in them that does more than be read. */
import { visible } from '../../report/words.ts'
import type { Text } from '../data.ts'

export class Texts {
  readonly all: string[] = []
  readonly #places = new Map<string, Text>()

  of(text: string): Text {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    const place = this.all.push(visible(text)) - 1
    this.#places.set(text, place)
    return place
  }
}
