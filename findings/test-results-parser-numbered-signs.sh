#!/usr/bin/env bash
# test-results-parser 0.4.6. A sign that JUnit's XML writes as a number stays a number.
# Expected: `&#62;` and `&gt;` are the same sign in XML, and an attribute can hold a line break only as `&#10;`.
# Seen: names are read, numbers are not, in text and in attributes: a message of two lines becomes one with `&#10;` in it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install test-results-parser@0.4.6
run <<'JS'
import { writeFileSync } from 'node:fs'
import { parseV2 } from 'test-results-parser'
writeFileSync('report.xml', `<?xml version="1.0"?>
<testsuites name="locks"><testsuite name="locks" tests="1" failures="1"><testcase name="a&gt;b a&#62;b"><failure message="first&#10;second">n&gt;1 n&#62;1 n&#x3e;1</failure></testcase></testsuite></testsuites>`)
const { result } = parseV2({ type: 'junit', files: ['report.xml'] })
const [{ name, failure, stack_trace }] = result.suites[0].cases
console.log(JSON.stringify({ name, failure, stack_trace }))
JS
seen <<'TEXT'
{"name":"a>b a&#62;b","failure":"first&#10;second","stack_trace":"n>1 n&#62;1 n&#x3e;1"}
TEXT
