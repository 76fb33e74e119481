#!/usr/bin/env bash
# state-machine-cat 14.0.8. Written as SCXML, a fork is a state with a transition for each branch, and a choice asks `else` like a variable.
# Expected: a transition with both targets (`target="left right"`), and one without a condition; or an error.
# Seen: an interpreter of SCXML (@scion-scxml/scxml 4.3.27) takes the first of the two and never the other: of two regions that begin
# together, the second begins where it always does. At the choice, `else` is no expression, and nobody goes anywhere.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install state-machine-cat@14.0.8 @scion-scxml/scxml@4.3.27
run <<'JS'
import scxml from '@scion-scxml/scxml'
import { render } from 'state-machine-cat'
const started = async (text) => {
  const document = await render(text, { inputType: 'smcat', outputType: 'scxml' })
  return new Promise((resolve, reject) =>
    scxml.documentStringToModel('', document.replace('<scxml ', '<scxml datamodel="ecmascript" '), (error, model) =>
      error ? reject(error) : model.prepare((problem, made) => {
        if (problem) return reject(problem)
        const chart = new scxml.core.Statechart(made, { console: () => {} })
        chart.start()
        resolve({ document, chart })
      }),
    ),
  )
}
const fork = await started('initial, a, ]f, both [type=parallel] { l { l0, l1; }, r { r0, r1; }; }; initial => a; a => ]f: go; ]f => l1; ]f => r1;')
console.log(fork.document.match(/<state id="_f">[^]*?<\/state>/)[0])
fork.chart.gen('go')
console.log('after the fork:', fork.chart.getConfiguration().toSorted().join(', '))
const choice = await started('initial, a, ^c, b, d; initial => a; a => ^c: go; ^c => b: [false]; ^c => d: [else];')
console.log(choice.document.match(/<state id="_c">[^]*?<\/state>/)[0])
choice.chart.gen('go')
console.log('after the choice:', choice.chart.getConfiguration().join(', '))
JS
seen <<'TEXT'
<state id="_f">
        <transition target="l1"/>
        <transition target="r1"/>
    </state>
after the fork: l1, r0
<state id="_c">
        <transition cond="false" target="b"/>
        <transition cond="else" target="d"/>
    </state>
after the choice: _c
TEXT
