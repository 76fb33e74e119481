import { describe, expect, test } from 'vitest'
import { srcu, srcuFacts } from '../../machines/kernel/rcu/srcu.ts'
import { drive, tell, type Message } from './drive.ts'

const by = (task: string, type: string): Message => ({ type, task, from: `${task}/call` })
const domain = (...steps: readonly (readonly [string, string])[]) => {
  const it = drive(srcu, { id: 'dev2.srcu' })
  for (const [task, type] of steps) it.hear(by(task, type))
  return it
}

describe('srcu', () => {
  test('without readers there is nothing to wait for', () => {
    expect(tell(domain().hear(by('t1', 'SYNCHRONIZE')))).toEqual(['SYNCHRONIZED t1/call'])
  })

  test('synchronize waits for those who read when it came, and for nobody who came later', () => {
    const it = domain(['t1', 'READ_LOCK'])
    expect(it.hear(by('t2', 'SYNCHRONIZE'))).toEqual([])
    expect(srcuFacts.owes!(it.context)).toEqual(['t2/call'])
    expect(srcuFacts.holders(it.context)).toEqual({ threads: ['t1'], exclusive: false })
    expect(tell(it.hear(by('t3', 'READ_LOCK')))).toEqual(['LOCKED t3/call'])
    expect(tell(it.hear(by('t1', 'READ_UNLOCK')))).toEqual(['UNLOCKED t1/call', 'SYNCHRONIZED t2/call'])
    expect(srcuFacts.owes!(it.context)).toEqual([])
    expect(srcuFacts.holders(it.context).threads).toEqual(['t3'])
  })

  test('a later section of the same task does not count', () => {
    const it = domain(['t1', 'READ_LOCK'], ['t2', 'SYNCHRONIZE'], ['t1', 'READ_LOCK'])
    expect(tell(it.hear(by('t1', 'READ_UNLOCK')))).toEqual(['UNLOCKED t1/call'])
    expect(tell(it.hear(by('t1', 'READ_UNLOCK')))).toEqual(['UNLOCKED t1/call', 'SYNCHRONIZED t2/call'])
  })

  test('several may wait, each for its own readers', () => {
    const it = domain(['t1', 'READ_LOCK'], ['t3', 'SYNCHRONIZE'], ['t2', 'READ_LOCK'], ['t4', 'SYNCHRONIZE'])
    expect(tell(it.hear(by('t1', 'READ_UNLOCK')))).toEqual(['UNLOCKED t1/call', 'SYNCHRONIZED t3/call'])
    expect(tell(it.hear(by('t2', 'READ_UNLOCK')))).toEqual(['UNLOCKED t2/call', 'SYNCHRONIZED t4/call'])
    expect(it.context).toEqual({ id: 'dev2.srcu', readers: [], waiting: [] })
  })

  test('two that wait for the same reader go on in one step', () => {
    const it = domain(['t1', 'READ_LOCK'], ['t2', 'SYNCHRONIZE'], ['t3', 'SYNCHRONIZE'])
    expect(tell(it.hear(by('t1', 'READ_UNLOCK')))).toEqual([
      'UNLOCKED t1/call',
      'SYNCHRONIZED t2/call',
      'SYNCHRONIZED t3/call',
    ])
  })

  test('leaving a section one is not in is a warning', () => {
    expect(tell(domain(['t1', 'READ_LOCK']).hear(by('t2', 'READ_UNLOCK')))[0]).toMatch(/does not hold it/)
  })
})
