/** The same as for the catalogue, for statecharts that nobody has drawn: regions, ends, history, timers, actors, and names full of signs. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { machineFormats } from '../../report/statecharts/index.ts'
import { formats } from './formats.ts'
import { machineBy } from './generated.ts'

test.each([
  ['mermaid', 20],
  ['dot', 60],
  ['json', 60],
  ['xstate', 60],
  ['scxml', 60],
  ['smcat', 60],
] as const)('as %s', async (format, numRuns) => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (pick) => {
      const machine = machineBy(pick)
      const text = machineFormats[format](machine.root)
      const said = await formats[format].read(text)
      expect(said, text).toEqual(formats[format].held(machine))
    }),
    // To make a failing chart smaller takes longer than to look at it.
    { numRuns, endOnFailure: true },
  )
})
