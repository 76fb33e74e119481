#!/usr/bin/env bash
# beautiful-mermaid 1.1.3. A state diagram as text lacks transitions that the same diagram has as SVG.
# Expected: every transition is drawn with its event, in both.
# Seen: as text there are none into and out of a composite, and of two between the same states the label of one is written over the other's.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install beautiful-mermaid@1.1.3
run <<'JS'
import { renderMermaidASCII, renderMermaidSVG } from 'beautiful-mermaid'

const diagram = `stateDiagram-v2
  [*] --> idle
  idle --> busy: START
  busy --> idle: STOP
  idle --> broken: DROP
  idle --> broken: RUST
  state busy {
    [*] --> run
    run --> wait: PAUSE
  }
`
const text = renderMermaidASCII(diagram)
const svg = renderMermaidSVG(diagram)
for (const event of ['PAUSE', 'START', 'STOP', 'DROP', 'RUST'])
  console.log(`${event}: ${svg.includes(`>${event}<`) ? 'in' : 'not in'} the SVG, ${text.includes(event) ? 'in' : 'not in'} the text`)
JS
seen <<'TEXT'
PAUSE: in the SVG, in the text
START: in the SVG, not in the text
STOP: in the SVG, not in the text
DROP: in the SVG, in the text
RUST: in the SVG, not in the text
TEXT
