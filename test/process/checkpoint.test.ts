/** A search of XState actors that was killed goes on with actors made anew, and reports what one that was not killed reports. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assign, setup } from 'xstate'
import { always, sometimes, type Outside } from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'
import { dice } from '../../streams/dice.ts'
import { Killed, searchedUntil, textOf, undisturbed, type Asked } from '../explore/killed.ts'
import { machineOf } from './machines.ts'

const home = mkdtempSync(join(tmpdir(), 'relock-process-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const outside: Outside = {
  events: ['A', { type: 'B', by: 1 }, { type: 'B', by: 2 }, { send: 'C', times: 2 }],
  ignores: ['C'],
}
const properties = [
  always('three is never reached', (w) => w.root.context.n < 3),
  sometimes('said', (w) => w.emitted('said') || w.emitted('loud')),
]

/** Nothing of the process before is there any more. */
const anew = (seed: number): Asked => ({
  system: systemOf(machineOf(seed), { ...outside, properties }),
  properties,
  options: { within: { states: 60 } },
})

test('machines put together by chance, killed again and again', () => {
  for (let seed = 1; seed <= 4; seed++) {
    const chance = dice(seed)
    const path = join(home, `${seed}`)
    let text: string | undefined
    for (let times = 0; text === undefined; times++)
      try {
        text = textOf(searchedUntil(anew(seed), path, { every: 3, ...(times < 4 && { asked: 4 + chance(25) }) }))
      } catch (cause) {
        if (!(cause instanceof Killed)) throw cause
      }
    // Whoever is told each end is searched by the same tables, and not in numbers.
    const asked = anew(seed)
    const whole = undisturbed({ ...asked, options: { ...asked.options, onFinal: () => {} } })
    expect({ seed, text }).toEqual({ seed, text: textOf(whole) })
  }
})

test('what properties asked before a kill nobody knows: that nobody had a name is not said of a search that is kept', () => {
  const child = setup({}).createMachine({ id: 'child' })
  const machine = setup({ actors: { child } }).createMachine({
    id: 'm',
    context: { it: undefined as unknown },
    on: { GO: { actions: assign({ it: ({ spawn }) => spawn('child', { id: 'kid' }) }) } },
  })
  const asks = [always('asks', (w) => w.actor('kdi') === undefined)]
  const asked = (): Asked => ({
    system: systemOf(machine, { events: [{ send: 'GO', times: 1 }], properties: asks }),
    properties: asks,
    options: {},
  })
  expect(undisturbed(asked()).remarks).toEqual(['A property asks for the actor kdi: whenever it did, there was none.'])
  expect(searchedUntil(asked(), join(home, 'named'), { every: 1 }).remarks).toEqual([])
})
