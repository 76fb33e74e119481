/** Mermaid without a browser: jsdom for its document, and boxes as wide as their texts are long. */
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<body></body>')
const { document, Element, CSSStyleSheet } = window
Object.assign(globalThis, { window, document, Element, CSSStyleSheet })
Object.assign(window.SVGElement.prototype, {
  getBBox() {
    return { x: 0, y: 0, width: 8 * this.textContent.length, height: 20 }
  },
  getComputedTextLength() {
    return 8 * this.textContent.length
  },
})
const { default: mermaid } = await import('mermaid')
mermaid.initialize({ startOnLoad: false })
await mermaid.parse('stateDiagram-v2')

/** Nodes with what they lie in, and arrows, as they go to the layout. */
export const read = async (...lines) => {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(['stateDiagram-v2', ...lines].join('\n'))
  const { nodes, edges } = db.getData()
  return {
    nodes: nodes.map(({ id, parentId = 'top', shape }) => `${id} (${shape}) in ${parentId}`),
    edges: edges.map(({ start, end, label }) => `${start} --> ${end} ${label}`.trim()),
  }
}

/** The texts of the picture: of states, then of arrows. */
export const draw = async (...lines) => {
  const { svg } = await mermaid.render('picture', ['stateDiagram-v2', ...lines].join('\n'))
  const box = document.createElement('div')
  box.innerHTML = svg
  const texts = (selector) => [...box.querySelectorAll(selector)].map(({ textContent }) => textContent.trim())
  return { states: texts('g.node .nodeLabel'), arrows: texts('.edgeLabel .label') }
}
