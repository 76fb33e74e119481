#!/usr/bin/env bash
# @scion-scxml/scxml 4.3.27. The name of a document has to be an identifier of JavaScript.
# Expected: `name` of <scxml> is a token of XML, in which a dash or a dot is a sign like any other, and means nothing to the interpreter.
# Seen: the name becomes that of a function in code that is compiled, and a document called `free-task` is refused with the syntax error of that
# code, which says nothing of the name; the same document called `free_task`, or nothing at all, runs.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @scion-scxml/scxml@4.3.27
run <<'JS'
import scion from '@scion-scxml/scxml'
process.on('unhandledRejection', () => {})
const document = (name) => `<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript" ${name} initial="ready">
  <datamodel><data id="count" expr="0"/></datamodel>
  <state id="ready"/>
</scxml>`
for (const name of ['', 'name="free_task"', 'name="free-task"', 'name="free.task"']) {
  const states = await new Promise((resolve) =>
    scion.documentStringToModel('', document(name), (error, model) => {
      if (error) return resolve(`${error.name}: ${error.message}`)
      model.prepare((problem, prepared) => {
        const running = new scion.core.Statechart(prepared)
        running.start()
        resolve(running.getConfiguration().join())
      })
    }),
  )
  console.log(`${name || 'no name'}: ${states}`)
}
JS
seen <<'TEXT'
no name: ready
name="free_task": ready
name="free-task": SyntaxError: Unexpected token '-'
name="free.task": SyntaxError: Unexpected token '.'
TEXT
