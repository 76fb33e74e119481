#!/usr/bin/env bash
# mermaid 12.3.0. A state called like its composite with _start or _end behind it is taken for the point where the composite begins or ends.
# Expected: `[*] --> job_start` in `job` is a point and an arrow to a state called job_start. `root_start` is a name like any other.
# Seen: point and state are one node with an arrow to itself, without the name; the same with `root_start` outside of everything, and with
# `_end`, where the state swallows the end instead. Nothing is said.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mermaid@12.3.0 jsdom@26.1.0
cp "$(dirname "${BASH_SOURCE[0]}")/mermaid.mjs" "$desk"
run <<'JS'
import { draw, read } from './mermaid.mjs'
const job = ['state job {', '[*] --> job_start', 'job_start --> job_end : work', 'job_end --> [*]', '}']
const { nodes, edges } = await read(...job)
for (const each of [...nodes, ...edges]) console.log(each)
console.log('drawn:', (await draw(...job)).states.join(', '))
console.log('outside:', (await read('[*] --> root_start', 'root_start --> b')).edges.join(', '))
console.log('another name:', (await read('[*] --> rootstart', 'rootstart --> b')).edges.join(', '))
JS
seen <<'TEXT'
job (roundedWithTitle) in top
job_start (stateStart) in job
job_end (rect) in job
job_start --> job_start
job_start --> job_end work
job_end --> job_end
drawn: job_end
outside: root_start --> root_start, root_start --> b
another name: root_start --> rootstart, rootstart --> b
TEXT
