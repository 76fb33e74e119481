#!/usr/bin/env bash
# sarif-junit 1.1.4. A result that leaves its level to its rule is a test that passed.
# Expected: without a level of its own a result has that of its rule, and `warning` if the rule says nothing; both are failures to sarif-junit.
# Seen: both pass; only a level written at the result counts.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install sarif-junit@1.1.4
run <<'JS'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const locations = [{ physicalLocation: { artifactLocation: { uri: 'driver.c' }, region: { startLine: 7 } } }]
const result = (ruleId, more) => ({ ruleId, message: { text: `${ruleId}, ${more.level ?? 'no level'}` }, locations, ...more })
const rules = [{ id: 'use-after-free', defaultConfiguration: { level: 'error' } }, { id: 'leak' }]
const results = [result('use-after-free', { level: 'error' }), result('use-after-free', {}), result('leak', { level: 'warning' }), result('leak', {})]
writeFileSync('log.sarif', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'checker', rules } }, results }] }))
spawnSync('npx', ['--no-install', 'sarif-junit', '-i', 'log.sarif', '-o', 'report.xml'])
for (const [, name, end] of readFileSync('report.xml', 'utf8').matchAll(/<testcase [^>]*name="([^"]*)"[^>]*?(\/?)>/g))
  console.log(`${name}: ${end ? 'passed' : 'failed'}`)
JS
seen <<'TEXT'
Ln 7 use-after-free, error: failed
use-after-free, no level: passed
Ln 7 leak, warning: failed
leak, no level: passed
TEXT
