#!/usr/bin/env bash
# tress 1.1.4. To remove a job removes all others, and does that job.
# Expected: of four jobs the third is removed, and three are done.
# Seen: what is kept of those that wait is the one that was to go.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install tress@1.1.4
run <<'JS'
import { createRequire } from 'node:module'
const tress = createRequire(import.meta.url)('tress')
const done = []
const queue = tress((job, next) => { done.push(job); setImmediate(next, null) })
for (const job of ['first', 'second', 'third', 'fourth']) queue.push(job)
queue.remove('third')
setTimeout(() => console.log('done:', done.join(', '), '- still waiting:', queue.length()), 300)
JS
seen <<'TEXT'
done: third - still waiting: 0
TEXT
