/** A message that says what there is to choose from can be read, however much there is. */
import { expect, test } from 'vitest'
import { setup, type AnyStateMachine } from 'xstate'
import { explore, system } from '../../process/index.ts'
import { toChooseFrom } from '../../shapes/nearest.ts'
import { insist } from '../../shapes/insist.ts'
import { optional, record, whole } from '../../shapes/shape.ts'

const numbered = (many: number): string[] => Array.from({ length: many }, (_, at) => `row${at + 1}`)

test('few names are told in their order, each once', () => {
  expect(toChooseFrom(['open', 'close', 'open'], 'clos')).toBe('open, close')
  expect(toChooseFrom(numbered(20), 'row9').split(', ')).toEqual(numbered(20))
  expect(toChooseFrom([], 'x')).toBe('')
})

test('of many those that are nearest to what was written come first, and the others are counted', () => {
  const names = [...numbered(100), 'basket', 'checkout', 'payment']
  expect(toChooseFrom(names, 'chekout')).toMatch(/^checkout, .* and 91 more$/)
  expect(toChooseFrom(names, 'pay')).toMatch(/^payment, /)
  expect(toChooseFrom(names, 'ROW77')).toMatch(/^row77, /)
  expect(toChooseFrom(names).split(/, | and /)).toEqual([...numbered(12), '91 more'])
})

test('so it is with the actors of a system, of which there are a hundred', async () => {
  const actors = Object.fromEntries(numbered(100).map((name) => [name, setup({}).createMachine({})]))
  const machine = setup({ actors }).createMachine({ id: 'table' }) as AnyStateMachine
  const outside = { events: [{ send: 'GO', to: 'row777' }] }
  const error: unknown = await explore(system(machine, outside as never)).catch((cause: unknown) => cause)
  const { message } = error as Error
  expect(message).toMatch(/"row777" is the name of no actor\. Did you mean "row\d+"\?/)
  expect(message).toMatch(/expected row77, (row\d+, ){10}row\d+ and 89 more$/m)
})

test('so it is with the fields of what is handed in', () => {
  const shape = record<any>(Object.fromEntries(numbered(50).map((name) => [name, optional(whole(0, 1))])))
  expect(() => insist(shape, { rwo50: 1 }, 'fields()')).toThrow(/expected row50, (row\d+, ){10}row\d+ and 38 more/)
})
