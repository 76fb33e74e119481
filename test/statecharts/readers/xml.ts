/** An XML document as a tree, by a parser that insists on XML. */
import { SaxesParser } from 'saxes'

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
}

/** Throws an Error with the line where the document is not well-formed, or a prefix stands for nothing. */
export const parseXml = (text: string): Element => {
  const parser = new SaxesParser({ xmlns: true })
  const top: Element & { children: Element[] } = { name: '', attributes: {}, children: [] }
  const open = [top]
  parser.on('opentag', ({ name, attributes }) => {
    const element = {
      name,
      attributes: Object.fromEntries(Object.entries(attributes).map(([key, { value }]) => [key, value])),
      children: [],
    }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('error', (error) => {
    throw error
  })
  parser.write(text).close()
  return top.children[0]!
}

export const childrenOf = (element: Element, ...names: readonly string[]): readonly Element[] =>
  element.children.filter(({ name }) => names.includes(name))
