#!/usr/bin/env bash
# mermaid 12.3.0 in happy-dom 21.0.4, a document in which Mermaid loads and parses.
# Expected: a picture, or an error that says what is missing.
# Seen: render() of a state diagram or a flowchart resolves to an empty string. With jsdom 26.1.0 in its place the same lines give an SVG.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mermaid@12.3.0 happy-dom@21.0.4
run <<'JS'
import { Window } from 'happy-dom'
const window = new Window()
const names = ['document', 'Element', 'HTMLElement', 'SVGElement', 'Node', 'DOMParser', 'XMLSerializer', 'CSSStyleSheet']
for (const name of names) globalThis[name] = window[name]
globalThis.window = window
const box = () => ({ x: 0, y: 0, width: 50, height: 20 })
for (const kind of [window.Element, window.SVGElement]) Object.assign(kind.prototype, { getBBox: box, getComputedTextLength: () => 50 })
const { default: mermaid } = await import('mermaid')
mermaid.initialize({ startOnLoad: false })
const diagrams = { state: 'stateDiagram-v2\n a --> b', flow: 'flowchart LR\n a --> b' }
for (const [kind, text] of Object.entries(diagrams)) {
  const { diagramType } = await mermaid.parse(text)
  const { svg } = await mermaid.render(kind, text)
  console.log(`${kind}: parsed as ${diagramType}, ${svg.length} characters drawn`)
}
JS
seen <<'TEXT'
state: parsed as stateDiagram, 0 characters drawn
flow: parsed as flowchart-v2, 0 characters drawn
TEXT
