#!/usr/bin/env bash
# junitxml-to-javascript 1.1.4. Failures of a suite within a suite are left out.
# Expected: the tests of all suites are there, as PHPUnit nests them, or it is said that some are not read.
# Seen: only those that stand in an outermost suite are; a report with one failure has none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install junitxml-to-javascript@1.1.4
run <<'JS'
import { createRequire } from 'node:module'
const Parser = createRequire(import.meta.url)('junitxml-to-javascript')

const inner = '<testsuite name="inner"><testcase name="pins a page"><failure message="leaked"/></testcase></testsuite>'
const outer = (content) => `<testsuites><testsuite name="outer"><testcase name="opens"/>${content}</testsuite></testsuites>`
const beside = `<testsuites><testsuite name="outer"><testcase name="opens"/></testsuite>${inner}</testsuites>`
for (const [name, xml] of Object.entries({ inside: outer(inner), beside })) {
  const { testsuites } = await new Parser().parseXMLString(xml)
  console.log(`${name}:`, testsuites.map(({ name, tests, errors }) => `${name}: ${tests} tests, ${errors} failed`).join('; '))
}
JS
seen <<'TEXT'
inside: outer: 1 tests, 0 failed
beside: outer: 1 tests, 0 failed; inner: 1 tests, 1 failed
TEXT
