/** Mermaid itself, in a document without a screen. What is drawn is measured by nobody, so every box is as wide as its text is long. */
import { JSDOM } from 'jsdom'

export const { window } = new JSDOM('<body></body>')
const measured = {
  getBBox(this: Element) {
    return { x: 0, y: 0, width: 8 * (this.textContent ?? '').length, height: 20 }
  },
  getComputedTextLength(this: Element) {
    return 8 * (this.textContent ?? '').length
  },
}
Object.assign(window.SVGElement.prototype, measured)
const { document, Element, CSSStyleSheet } = window
Object.assign(globalThis, { window, document, Element, CSSStyleSheet })
export const { default: mermaid } = await import('mermaid')
mermaid.initialize({ startOnLoad: false })
// Only then does it know its own kinds of diagrams.
await mermaid.parse('stateDiagram-v2')

/** What Mermaid keeps for entities while it parses, as it puts it back when it draws, and as a browser then shows it. */
export const shown = (text: string): string => {
  const box = window.document.createElement('div')
  box.innerHTML = text.replaceAll('ﬂ°°', '&#').replaceAll('ﬂ°', '&').replaceAll('¶ß', ';')
  return box.textContent ?? ''
}
