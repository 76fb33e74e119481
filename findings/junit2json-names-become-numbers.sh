#!/usr/bin/env bash
# junit2json 4.0.0. Names, values and messages that begin like a number become that number.
# Expected: of JUnit's XML only counts and times are numbers; a name, the value of a property and a message are text.
# Seen: every attribute is converted, and what follows the digits is gone: the fingerprint `12e4` and the address `0x1F` come out as 12 and 0, the
# test `1e3` as 1, an empty value as NaN.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install junit2json@4.0.0
run <<'JS'
import { createRequire } from 'node:module'
const { parse } = createRequire(import.meta.url)('junit2json')
const { testsuite } = await parse(`<testsuites><testsuite name="007" tests="1" failures="1">
  <properties><property name="fingerprint" value="12e4"/><property name="version" value="1.10"/><property name="address" value="0x1F"/><property name="note" value=""/></properties>
  <testcase name="1e3" classname="c" time="0.5"><failure message="0042" type="race"/></testcase>
</testsuite></testsuites>`)
const [{ name, properties, testcase }] = testsuite
console.log('suite', name)
for (const property of properties) console.log(property.name, property.value)
console.log('test', testcase[0].name, 'message', testcase[0].failure[0].message)
JS
seen <<'TEXT'
suite 7
fingerprint 12
version 1.1
address 0
note NaN
test 1 message 42
TEXT
