#!/usr/bin/env bash
# promaphore 1.0.0. A semaphore of three that was flushed is one of one.
# Expected: `flush()`, for what is pending to be awaited, changes nothing else.
# Seen: it sets the limit to 1 and leaves it there: of three that come then, one is let in.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install promaphore@1.0.0
run <<'JS'
import { createRequire } from 'node:module'
const Semaphore = createRequire(import.meta.url)('promaphore')

const inside = async (semaphore) => {
  let count = 0
  for (let call = 0; call < 3; call++) semaphore.wait().then(() => count++)
  await new Promise((resolve) => setTimeout(resolve, 10))
  return count
}

console.log(`of a limit of 3: ${await inside(new Semaphore(3))} are inside`)
const semaphore = new Semaphore(3)
await semaphore.flush()
console.log(`of a limit of 3, flushed while nobody was in it: ${await inside(semaphore)} is inside`)
JS
seen <<'TEXT'
of a limit of 3: 3 are inside
of a limit of 3, flushed while nobody was in it: 1 is inside
TEXT
