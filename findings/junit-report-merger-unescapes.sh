#!/usr/bin/env bash
# junit-report-merger 9.0.4. A message that speaks of `&lt;` comes to speak of `<`.
# Expected: what a report says is the same in the merged one.
# Seen: `&amp;lt;`, which stands for `&lt;`, is written as `&lt;`, which stands for `<`, in attributes and in text: here a failure that says what is
# wrong says that there is nothing wrong.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install junit-report-merger@9.0.4
run <<'JS'
import { createRequire } from 'node:module'
const { mergeToString } = createRequire(import.meta.url)('junit-report-merger')

const report = `<testsuites><testsuite name="page"><testcase name="escapes"><failure message="expected '&amp;lt;', got '&lt;'">'&amp;lt;' is not '&lt;'</failure></testcase></testsuite></testsuites>`
const failure = (xml) => xml.match(/<failure.*<\/failure>/)[0]
console.log(failure(report))
console.log(failure(await mergeToString([report])))
JS
seen <<'TEXT'
<failure message="expected '&amp;lt;', got '&lt;'">'&amp;lt;' is not '&lt;'</failure>
<failure message="expected '&lt;', got '&lt;'">'&lt;' is not '&lt;'</failure>
TEXT
