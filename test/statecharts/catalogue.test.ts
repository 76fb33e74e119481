/** Every machine that comes with relock, in every format: what its reader gets is what the machine holds, none missing, none invented. */
import { describe, expect, test } from 'vitest'
import { createMachine, type AnyStateNode } from 'xstate'
import { catalogue } from '../../machines/catalogue.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { read } from '../docs/pages.ts'
import { formats } from './formats.ts'
import { drawDot } from './readers/dot.ts'
import { startsBare, startXState, startXStateModule } from './readers/xstate.ts'
import { nodesIn } from './said.ts'

describe.each(Object.entries(catalogue))('%s', (_, machine) => {
  test.each(Object.entries(formats))('as %s', async (format, { read, held }) => {
    expect(await read(machineFormats[format as keyof typeof machineFormats](machine.root))).toEqual(held(machine))
  })

  test('as dot is drawn without complaint', async () => {
    expect(await drawDot(machineFormats.dot(machine.root))).toEqual([])
  })

  test('as a module starts by itself', () => {
    expect(startXStateModule(machineFormats.xstate(machine.root))).toBe('active')
  })

  test('as json starts', () => {
    expect(startXState(machineFormats.json(machine.root))).toBe('active')
  })
})

test('those whose JSON asks a guard as it starts are those that the documents name', () => {
  const asking = Object.entries(catalogue).flatMap(([name, { root }]) =>
    startsBare(machineFormats.json(root)) ? [] : [name],
  )
  const said = /(\w+) machines \(([^)]+)\)\s+ask one as soon as they start/.exec(read('docs/EXPORTS.md'))
  expect(said?.slice(1)).toEqual(['Four', asking.map((name) => `\`${name}\``).join(', ')])
})

test('a machine with actors, delays and names of all kinds starts as a module', () => {
  const odd = createMachine({
    id: 'odd',
    entry: '__proto__',
    invoke: { src: 'some actor', onDone: { target: '.two', guard: 'is done?' } },
    initial: 'one',
    states: { one: { always: { guard: 'a-b', target: 'two' }, after: { 'a while': 'two', 5: 'two' } }, two: {} },
  })
  expect(startXStateModule(machineFormats.xstate(odd.root))).toBe('active')
})

test('none of them is without transitions', () => {
  const of = (node: AnyStateNode) => [...node.transitions.values()].flat().length + (node.always ?? []).length
  const all = Object.values(catalogue).map(({ root }) => nodesIn(root).reduce((sum, node) => sum + of(node), 0))
  expect(Math.min(...all)).toBeGreaterThan(0)
})
