/** Before each file of tests: what the CPU does from here to its end, in this process and in those that it starts, is written down. */
import { appendFileSync } from 'node:fs'
import { afterAll, expect } from 'vitest'
import { secondsOfChildren } from './seconds.ts'

const used = () => {
  const { user, system } = process.cpuUsage()
  return { own: (user + system) / 1e6, children: secondsOfChildren() }
}

const before = used()

// Asked for first, and so done last.
afterAll(() => {
  const after = used()
  const cost = { own: after.own - before.own, children: after.children - before.children }
  appendFileSync(process.env['RELOCK_COSTS']!, `${JSON.stringify({ file: expect.getState().testPath, ...cost })}\n`)
})
