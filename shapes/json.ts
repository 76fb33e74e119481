/**
 * Reads JSON that somebody wrote: as JSON.parse does, and says what JSON.parse passes over. A name twice in one record (the last would win in
 * silence), and lists in lists without end, over which whoever walks through them would stumble.
 */
import { pathOf } from './insist.ts'

/** JSON that is not what it seems: where, and what is the matter. The message is a sentence without its subject: `has "as" twice`. */
export class UnsoundJson extends Error {
  /** `ops[3]`; empty: at the top. */
  readonly path: string
  /** What would have been right. */
  readonly expected: string

  constructor(path: string, fact: string, expected: string) {
    super(fact)
    this.name = 'UnsoundJson'
    this.path = path
    this.expected = expected
  }
}

/** Deeper than anything that relock reads or writes. */
const deepest = 200

/** The value; a SyntaxError where it is no JSON, an UnsoundJson where it is. */
export const readJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text)
  look(text)
  return value
}

/** A record or a list that is open: the names it has, and where in it we are. */
interface Open {
  readonly names?: Set<string>
  key: string | number
}

/** Goes through a text that is known to be JSON. */
const look = (text: string): void => {
  const open: Open[] = []
  let word = ''
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        const end = endOf(text, at)
        word = text.slice(at, end + 1)
        at = end
        break
      }
      case ':': {
        const inside = open.at(-1)!
        const name = word.includes('\\') ? (JSON.parse(word) as string) : word.slice(1, -1)
        if (inside.names!.has(name))
          throw new UnsoundJson(
            pathOf(open.slice(0, -1).map(({ key }) => key)),
            `has ${JSON.stringify(name)} twice`,
            'each name once',
          )
        inside.names!.add(name)
        inside.key = name
        break
      }
      case ',': {
        const inside = open.at(-1)!
        if (typeof inside.key === 'number') inside.key++
        break
      }
      case '{':
        open.push({ names: new Set(), key: '' })
        break
      case '[':
        open.push({ key: 0 })
        break
      case '}':
      case ']':
        open.pop()
        break
      default:
    }
    if (open.length > deepest)
      throw new UnsoundJson(
        pathOf(open.slice(0, 4).map(({ key }) => key)),
        `holds lists and records in each other, more than ${deepest} deep`,
        `no more than ${deepest}`,
      )
  }
}

/** Where a string that begins there ends. */
const endOf = (text: string, begin: number): number => {
  for (let end = text.indexOf('"', begin + 1); ; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end
  }
}
