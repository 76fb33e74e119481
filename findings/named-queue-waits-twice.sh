#!/usr/bin/env bash
# named-queue 2.2.1. A task that waits already is done as often as it is asked for.
# Expected: tasks are de-duplicated by their id: one that is asked for three times before it begins is done once, and all who asked are told.
# Seen: that is so of a task that has begun. One that waits is put in line again each time, and done again each time its turn comes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install named-queue@2.2.1
run <<'JS'
import { createRequire } from 'node:module'
const NamedQueue = createRequire(import.meta.url)('named-queue')
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const begun = []
let told = 0
const queue = new NamedQueue((task, done) => { begun.push(task.id); setTimeout(done, 20) }, 1)
const ask = (id) => queue.push({ id }, () => told++)
ask('a')
await later(5)
for (const id of ['a', 'a', 'b', 'b', 'b']) ask(id)
await later(200)
console.log('begun:', begun.join(', '), '- told:', told)
JS
seen <<'TEXT'
begun: a, b, b, b - told: 6
TEXT
