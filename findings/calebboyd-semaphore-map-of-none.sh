#!/usr/bin/env bash
# @calebboyd/semaphore 1.3.1. map() of an empty list throws.
# Expected: map(list, iterator) is as Promise.all() of the results, with a limit: of nothing it is nothing, as it is with a limit.
# Seen: without a limit the length of the list is the limit, and of 0 it says that no semaphore can be made.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @calebboyd/semaphore@1.3.1
run <<'JS'
import { createRequire } from 'node:module'
const { map } = createRequire(import.meta.url)('@calebboyd/semaphore')

const double = async (value) => 2 * value
for (const [list, options] of [[[1, 2, 3]], [[], { concurrency: 2 }], [[]]]) {
  const told = await Promise.resolve().then(() => map(list, double, options)).then(JSON.stringify, ({ message }) => message)
  console.log(`${JSON.stringify(list)}${options ? ` with a limit of ${options.concurrency}` : ''}: ${told}`)
}
JS
seen <<'TEXT'
[1,2,3]: [2,4,6]
[] with a limit of 2: []
[]: Cannot create Semaphore with size of "0"
TEXT
