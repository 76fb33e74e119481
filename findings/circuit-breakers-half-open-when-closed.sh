#!/usr/bin/env bash
# levee 1.5.1, circuitbreaker 0.2.1. A breaker that has closed becomes half open, and refuses calls of a service that answers.
# Expected: a call that was on its way when the breaker opened, and succeeds, closes it, as both have it, and then it is closed.
# Seen: the timer that was to make the open one half open goes on, and fires on the closed one: of two calls at a time one is refused, and one failure opens it, where three have to.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install levee@1.5.1 circuitbreaker@0.2.1
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const settings = { maxFailures: 3, resetTimeout: 50, timeout: 60000 }
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function story(name, breaker, call, answers, states) {
  const seen = []
  for (const state of states) breaker.on(state, () => seen.push(`is now ${state}`))
  const told = (which) => (error) => seen.push(`${which}: ${error?.message ?? 'done'}`)
  for (const which of ['slow', 'first', 'second', 'third']) call(told(which))
  await later(1)
  for (const answer of answers.splice(1)) answer(new Error('failed'))
  answers.pop()(null)
  await later(100)
  for (const which of ['fourth', 'fifth']) call(told(which))
  await later(5)
  answers.pop()(new Error('failed'))
  await later(5)
  console.log(`${name}: ${seen.filter((line) => !/^(first|second|third)/.test(line)).join(', ')}`)
}

const one = []
const levee = require('levee').createBreaker((_, callback) => one.push(callback), settings)
await story('levee', levee, (told) => levee.run('', told), one, ['open', 'half_open', 'close'])
const other = []
const breaker = require('circuitbreaker')((callback) => other.push(callback), settings)
await story('circuitbreaker', breaker, (told) => breaker().then(() => told(), told), other, ['open', 'halfOpen', 'close'])
process.exit()
JS
seen <<'TEXT'
levee: is now open, is now close, slow: done, is now half_open, fifth: Command not available., is now open, fourth: failed
circuitbreaker: is now open, is now close, slow: done, is now halfOpen, fifth: CircuitBreaker open, is now open, fourth: failed
TEXT
