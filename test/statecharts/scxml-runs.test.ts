/** An exported document does, in an interpreter of SCXML, what the machine does in XState: whichever guards hold, whatever comes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createActor } from 'xstate'
import { catalogue } from '../../machines/catalogue.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { readXState } from './readers/xstate.ts'
import { runScxml } from './readers/scion.ts'
import { names, nodesIn } from './said.ts'

const machines = Object.entries(catalogue).filter(([, { root }]) =>
  // A circle of transitions that wait for nothing ends only if the right guard holds.
  nodesIn(root).every(({ always = [] }) => always.length === 0),
)

/** As SCXML calls it. */
const bare = (value: unknown): string => String(value).replace(/\W/g, '_')

test('most machines wait for messages alone', () => {
  expect(machines.length).toBeGreaterThan(100)
})

test.each(machines)('%s', async (_, machine) => {
  const guards = [
    ...new Set(
      nodesIn(machine.root).flatMap((node) =>
        names([...node.transitions.values()].flat().flatMap(({ guard }) => guard ?? [])),
      ),
    ),
  ]
  const document = machineFormats.scxml(machine.root)
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(guards),
      fc.array(fc.constantFrom(...machine.events.map(String)), { minLength: 1, maxLength: 20 }),
      async (holds, events) => {
        const stubs = Object.fromEntries(guards.map((name) => [name, () => holds.includes(name)]))
        const actor = createActor(readXState(machineFormats.json(machine.root)).provide({ guards: stubs })).start()
        const running = await runScxml(document, holds)
        for (const type of events) {
          if (actor.getSnapshot().status === 'done') break
          actor.send({ type })
          running.send(type)
          const { value, status } = actor.getSnapshot()
          expect(running.states()).toEqual([status === 'done' ? '_end' : bare(value)])
        }
      },
    ),
    { numRuns: 5 },
  )
})
