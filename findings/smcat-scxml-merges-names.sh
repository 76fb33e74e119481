#!/usr/bin/env bash
# state-machine-cat 14.0.8. Written as SCXML, states with different names get the same id, and so do different messages.
# Expected: names that XML cannot hold are told apart, or refused.
# Seen: every such sign becomes `_`, also where that is another state's name. A transition between the two leads from a state to itself, and
# the document has one id twice, which XML forbids.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install state-machine-cat@14.0.8
run <<'JS'
import { render } from 'state-machine-cat'
const text = '"in use", in_use, "in-use"; "in use" => in_use: "to do"; in_use => "in-use": to_do; "in-use" => "in use": to-do;'
const document = await render(text, { inputType: 'smcat', outputType: 'scxml' })
console.log([...document.matchAll(/id="([^"]*)"/g)].map(([, id]) => id).join(', '))
for (const [, event, target] of document.matchAll(/event="([^"]*)" target="([^"]*)"/g)) console.log(event, '→', target)
JS
seen <<'TEXT'
in_use, in_use, in-use
to_do → in_use
to_do → in-use
to-do → in_use
TEXT
