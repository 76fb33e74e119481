#!/usr/bin/env bash
# observable-fns 0.6.1. An error overtakes the values before it, and without a seed scan() counts the first value twice.
# Expected: map() and the others make sure that values come "in the same order as the input observable emitted them", and then the error; scan() "is basically
# the same as .reduce()", and without a seed "the first input value will be used as a seed".
# Seen: the values wait for a promise and the error does not, so that they are lost; the first value is the seed, and is given to the function besides.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install observable-fns@0.6.1
run <<'JS'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
const { Observable, map, scan } = createRequire(import.meta.url)('observable-fns')

const hear = async (name, observable) => {
  const heard = []
  observable.subscribe({ next: (value) => heard.push(value), error: ({ message }) => heard.push(message), complete: () => heard.push('end') })
  await sleep(50)
  console.log(`${name}: ${heard.join(', ')}`)
}
const broken = new Observable((observer) => {
  for (const line of ['first line', 'second line']) observer.next(line)
  observer.error(new Error('disk full'))
})
await hear('as it is', broken)
await hear('.map()', broken.map((line) => line))
await hear('.pipe(map())', broken.pipe(map((line) => line)))
const add = (sum, value) => sum + value
await hear('.reduce()', Observable.of(1, 2, 3).reduce(add))
await hear('.pipe(scan())', Observable.of(1, 2, 3).pipe(scan(add)))
JS
seen <<'TEXT'
as it is: first line, second line, disk full
.map(): first line, second line, disk full
.pipe(map()): disk full
.reduce(): 6, end
.pipe(scan()): 2, 4, 7, end
TEXT
