#!/usr/bin/env bash
# junit-to-ctrf 0.0.14, junitxml-to-javascript 1.1.4, junit-report-merger 9.0.4. A test that took twenty minutes took a second.
# Expected: `time="1,234.5"`, as Maven Surefire wrote it up to 3.1.0 and its schema had it, is 1234.5 seconds, or is refused.
# Seen: the two converters read 1 second; the merger makes 2 seconds of 1,234.5 and 2 as the longest time, and says so of all.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install junit-to-ctrf@0.0.14 junitxml-to-javascript@1.1.4 junit-report-merger@9.0.4
cat >"$desk/report.xml" <<'XML'
<testsuites>
  <testsuite name="slow" tests="1" time="1,234.5"><testcase classname="slow" name="restores a backup" time="1,234.5"/></testsuite>
  <testsuite name="fast" tests="1" time="2"><testcase classname="fast" name="reads a page" time="2"/></testsuite>
</testsuites>
XML
run <<'JS'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { convertJUnitToCTRFReport } from 'junit-to-ctrf'
const require = createRequire(import.meta.url)
const Parser = require('junitxml-to-javascript')
const { mergeToString } = require('junit-report-merger')

const { results } = await convertJUnitToCTRFReport('report.xml')
console.log('junit-to-ctrf, ms:', ...results.tests.map(({ duration }) => duration))
const { testsuites } = await new Parser().parseXMLFile('report.xml')
console.log('junitxml-to-javascript, s:', ...testsuites.map(({ durationSec }) => durationSec))
console.log('junit-report-merger:', (await mergeToString([readFileSync('report.xml', 'utf8')])).match(/<testsuites [^>]*>/)[0])
JS
seen <<'TEXT'
junit-to-ctrf, ms: 1000 2000
junitxml-to-javascript, s: 1 2
junit-report-merger: <testsuites tests="2" time="2">
TEXT
