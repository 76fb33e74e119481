import { expect, test } from 'vitest'
import type { TraceStep } from '../../explore/runs/trace.ts'
import { traceLine } from '../../streams/trace-lines.ts'

const step = (message: TraceStep['message']): TraceStep => ({
  number: 1,
  choice: 0,
  from: 'env',
  to: 'type1',
  message,
  sentAt: 0,
  possible: ['env → type1 MAP'],
  before: { state: 'ready', data: {} },
  after: { state: 'ready', data: { dmas: [{ iova: 0x1000n }] } },
  sends: [],
  findings: [],
  notes: [],
  ignored: false,
})

test('a line does not depend on the order in which fields were written, and knows bigint', () => {
  const one = traceLine(step({ type: 'MAP', from: 'env', iova: 0x1000n }))
  expect(traceLine(step({ iova: 0x1000n, from: 'env', type: 'MAP' }))).toBe(one)
  expect(JSON.parse(one)).toMatchObject({ message: { iova: '4096n' }, after: { data: { dmas: [{ iova: '4096n' }] } } })
  expect(one).not.toContain('\n')
})
