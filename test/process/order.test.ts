/** Orders of what comes to XState actors: whose names are not known beforehand, so that the report says what none of them was about. */
import { expect, test } from 'vitest'
import { setup } from 'xstate'
import { explore, system } from '../../process/index.ts'

const editor = setup({}).createMachine({
  id: 'editor',
  initial: 'clean',
  states: { clean: { on: { TYPE: 'dirty' } }, dirty: { on: { SAVE: 'clean', TYPE: {} } } },
})
const made = system(editor, { ignores: ['SAVE'] })

const inOrder = async (...names: readonly string[]) => (await explore(made, [], { order: [names] })).order

test('what comes is named as runs have it', async () => {
  const rule = { first: 'user → editor TYPE #2', second: 'user → editor SAVE' }
  expect(await inOrder(rule.first, rule.second)).toEqual([{ ...rule, came: true, cut: false }])
})

test('a step that is misspelt never comes, or holds nothing back, and the report says which', async () => {
  const [type, save] = ['user → editor TYPE', 'user → editor SAVE']
  expect(await inOrder(type, 'user → editor SAEV')).toEqual([
    { first: type, second: 'user → editor SAEV', came: true, cut: false, unmet: true },
  ])
  expect(await inOrder('user → editor TPYE', save)).toEqual([
    { first: 'user → editor TPYE', second: save, came: false, cut: false },
  ])
})
