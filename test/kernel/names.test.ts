/** A lock, or whatever else stands by itself, is called as people write it: `gsm->mutex`, `&dlci[0]->mutex`. */
import { describe, expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { explore, replay } from '../../explore/index.ts'
import { lockdepOf } from '../../explore/locks/lockdep.ts'
import { field, kernel, mutex, mutex_lock, mutex_unlock, object, procedure, sometimes } from '../../kernel/index.ts'
import { struct, work_struct, write } from '../../kernel/index.ts'
import { traceDot } from '../../report/formats/dot.ts'
import { lockOrderDiagram, lockOrderDot } from '../../report/formats/lock-order.ts'
import { sequenceDiagram } from '../../report/formats/mermaid.ts'
import { shiviz } from '../../report/formats/shiviz.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { tellLockdep } from '../../report/lockdep-text.ts'
import { wrongIn } from '../../report/sides.ts'
import { makePage } from '../../report/style.ts'
import { tellTrace } from '../../report/text.ts'
import { graphviz } from '../graphviz.ts'
import { mermaid, shown } from '../mermaid.ts'

const [gsm, dlci] = [mutex('gsm->mutex'), mutex('&dlci[0]->mutex')]
const count = field('gsm->count', 0)
const cleanup = procedure('gsm_cleanup_mux', [mutex_lock(gsm), mutex_lock(dlci), mutex_unlock(dlci), mutex_unlock(gsm)])
const close = procedure('gsm_dlci_close', [
  mutex_lock(dlci),
  mutex_lock(gsm),
  write(count, 1),
  mutex_unlock(gsm),
  mutex_unlock(dlci),
])
const world = kernel({ threads: { a: cleanup, b: close } })
const system = toSystem(world)

const deadlock = async () => {
  const report = await explore(system)
  const { schedule } = report.findings.find(({ kind }) => kind === 'deadlock')!
  return { report, trace: replay(system, schedule!) }
}

const isDrawn = async (text: string): Promise<void> => {
  const { status, errors } = graphviz.render(text)
  expect({ status, errors: errors.filter(({ level }) => level === 'error') }).toEqual({ status: 'success', errors: [] })
}

test('locks, variables and work may be called so, and properties ask for them by these names', async () => {
  const claims = [
    sometimes('counted', (w) => w.field('gsm->count') === 1),
    sometimes('held', (w) => w.holders('&dlci[0]->mutex').includes('b')),
  ]
  const { findings, properties } = await explore(system, claims)
  expect(findings.map(({ title }) => title)).toEqual([
    'deadlock at &dlci[0]->mutex and gsm->mutex',
    'lock order &dlci[0]->mutex → gsm->mutex → &dlci[0]->mutex',
  ])
  expect(properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
  expect(work_struct('vdev->work', cleanup).name).toBe('vdev->work')
  expect(field('sco_pi(sk)->conn', 0).name).toBe('sco_pi(sk)->conn')
})

describe('the names stand as they are', () => {
  test('in lanes and in what hangs', async () => {
    const { trace } = await deadlock()
    const text = tellTrace(trace, makePage({ columns: 80 }), { address: 'gsm@0:0', wrong: wrongIn(trace) })
    expect(text).toContain('● mutex_lock(gsm->mutex)')
    expect(text).toContain('a held gsm->mutex (since step 5) and asked for &dlci[0]->mutex at step 7')
  })

  test('in the order of locks, and its pictures', async () => {
    const { report } = await deadlock()
    const order = lockdepOf(report, (schedule) => replay(system, schedule))
    const told = { of: 'gsm', fingerprint: system.fingerprint, order, report, addressOf: () => 'gsm' }
    const text = tellLockdep({ ...told, traceOf: (schedule) => replay(system, schedule) }, makePage({ columns: 80 }))
    expect(text).toContain('gsm->mutex (gsm->mutex){+.+.}-{4:4}, at: gsm_dlci_close')
    await isDrawn(lockOrderDot(order, 'gsm'))
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(lockOrderDiagram(order))
    const vertices = (db as unknown as { getVertices(): ReadonlyMap<string, { readonly text: string }> }).getVertices()
    expect([...vertices.values()].map(({ text: label }) => shown(label))).toEqual(['&dlci[0]->mutex', 'gsm->mutex'])
  })

  test('in every export of a run', async () => {
    const { trace } = await deadlock()
    await isDrawn(traceDot(trace))
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(sequenceDiagram(trace))
    const messages = (db as unknown as { getMessages(): readonly { readonly message: string }[] }).getMessages()
    expect(messages.map(({ message }) => shown(message))).toContain('6 mutex_lock(&dlci[0]->mutex)')
    expect(shiviz(trace)).toMatch(/^&dlci\[0\]->mutex \{"b":2,"&dlci\[0\]->mutex":1\}$/m)
  })

  test('in every picture of a procedure', async () => {
    const chart = cleanup.machine.root
    await isDrawn(machineFormats.dot(chart))
    await expect(mermaid.parse(machineFormats.mermaid(chart))).resolves.toBeTruthy()
    expect(machineFormats.json(chart)).toContain('mutex_lock(gsm->mutex)')
  })
})

test('what is no place in C is refused, with the right form', () => {
  for (const name of ['gsm mutex', 'gsm->', '->mutex', 'a/b', '1st', 'gsm=>mutex', 'a[', '*m', 'f(', '(f)'])
    expect(() => mutex(name), name).toThrow(`"${name}" is no name for a mutex.`)
  const request = struct('request', { n: 0 })
  expect(() => struct('req->x', { n: 0 })).toThrow('"req->x" is no name for a struct.')
  expect(() => object('req->x', request)).toThrow('"req->x" is no name for an object.')
})
