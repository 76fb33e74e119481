#!/usr/bin/env bash
# @security-alert/sarif-to-markdown 1.11.1. A result that states its own level is left out, and the report says that nothing was found.
# Expected: in SARIF the level stands in the result; what the rule says is a default, and where it says nothing the default is `warning`.
# Seen: only the rule's `defaultConfiguration.level` is read; without it the error is dropped, and with `note` there an `error` is told as a note.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @security-alert/sarif-to-markdown@1.11.1
run <<'JS'
import { createRequire } from 'node:module'
const { sarifToMarkdown } = createRequire(import.meta.url)('@security-alert/sarif-to-markdown')
const told = (rule) => {
  const location = { physicalLocation: { artifactLocation: { uri: 'a.c' }, region: { startLine: 3 } } }
  const results = [{ ruleId: 'race', level: 'error', message: { text: 'two writers' }, locations: [location] }]
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 't', rules: [{ id: 'race', ...rule }] } }, results }] }
  const [{ body }] = sarifToMarkdown({ owner: 'o', repo: 'r', branch: 'b', sourceRoot: '', simple: true })(log)
  return body.match(/## Results\n\n(.*)/)[1]
}
console.log('no default:', told({}))
console.log('default error:', told({ defaultConfiguration: { level: 'error' } }))
console.log('default note:', told({ defaultConfiguration: { level: 'note' } }))
JS
seen <<'TEXT'
no default: Nothing here.
default error: - **[ERROR]** **[race]**  `two writers`
default note: - **[NOTE]** **[race]**  `two writers`
TEXT
