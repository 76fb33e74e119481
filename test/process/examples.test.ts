/** Six systems as people build them: the search finds the mistake by a shortest run, and of the repaired one it shows that there is none. */
import { describe, expect, test } from 'vitest'
import { explore, type Subject } from '../../process/index.ts'
import { chat, checkout, form, supervisor, tabs, upload } from './examples.ts'

const told = async (subject: Subject) => {
  const { states, exhaustive, properties, findings } = await explore(subject)
  expect(exhaustive).toBe(true)
  return {
    states,
    claims: properties.map(({ verdict, depth }) => (depth === undefined ? verdict : `${verdict} @${depth}`)),
    findings: findings.map(({ title, depth }) => `@${depth} ${title}`),
  }
}

const orphan = '@1 orphan: the id worker was used again by supervisor, and who had it before goes on'

describe.each([
  {
    name: 'a form that is saved while it is edited',
    make: form,
    wrong: { states: 5, claims: ['violated @4', 'seen @3'], findings: [] },
    right: { states: 4, claims: ['holds', 'seen @3'], findings: [] },
  },
  {
    name: 'a checkout whose payment may be late',
    make: checkout,
    wrong: { states: 10, claims: ['violated @3', 'seen @2'], findings: [] },
    right: { states: 4, claims: ['holds', 'seen @2'], findings: [] },
  },
  {
    name: 'an upload with retries and a way out',
    make: upload,
    wrong: { states: 26, claims: ['violated @4', 'seen @5'], findings: [] },
    right: { states: 18, claims: ['holds', 'seen @5'], findings: [] },
  },
  {
    name: 'two tabs that edit one record',
    make: tabs,
    wrong: { states: 52, claims: ['violated @4', 'seen @4'], findings: [] },
    right: { states: 44, claims: ['holds', 'seen @4'], findings: [] },
  },
  {
    name: 'a chat that reconnects',
    make: chat,
    wrong: { states: 10, claims: ['violated @3', 'seen @2'], findings: [] },
    right: { states: 7, claims: ['holds', 'seen @2'], findings: [] },
  },
  {
    name: 'a supervisor of a worker that may be slow',
    make: supervisor,
    wrong: { states: 5, claims: ['violated @3', 'seen @1'], findings: [orphan] },
    right: { states: 4, claims: ['holds', 'seen @1'], findings: [] },
  },
])('$name', ({ make, wrong, right }) => {
  test('has a mistake', async () => expect(await told(make(false))).toEqual(wrong))
  test('is repaired', async () => expect(await told(make(true))).toEqual(right))
})
