/** A live run in the eyes of Stately's inspector. */
import { createWebSocketInspector, createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { createInspectorServer } from '@statelyai/inspect/server'
import { lastValueFrom, skip, take } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import { createMachine, type AnyStateMachine } from 'xstate'
import { live, type Live } from '../../actors/running/live.ts'
import type { World } from '../../actors/world/world.ts'
import type { InspectionMessage } from '../../inspect/protocol.ts'
import { chartOf } from '../../report/statecharts/chart.ts'
import { random, replay } from '../../streams/strategies.ts'
import { gossips, troubled, workers } from '../live/worlds.ts'
import { actorsIn, freePort, hearing, storyOf, type Hearing } from './stately.ts'

const first = random(7)

const run = async (world: World, how: Live, strategy = first): Promise<number> => {
  const running = live(world, strategy, how)
  const last = lastValueFrom(running)
  running.connect()
  return (await last).number
}

const heardOf = async (world: World, strategy = first): Promise<readonly InspectionMessage[]> => {
  const heard: InspectionMessage[] = []
  await run(world, { inspect: (message) => heard.push(message) }, strategy)
  return heard
}

const servers: { close(): void }[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

const listening = async (port?: number): Promise<Hearing> => {
  const one = await hearing(port)
  servers.push(one)
  return one
}

test('everybody is announced before anything else is said, with parent, definition and state', async () => {
  const heard = await heardOf(workers(1))
  const types = heard.map(({ type }) => type)
  expect(types.lastIndexOf('@xstate.actor')).toBeLessThan(types.findIndex((type) => type !== '@xstate.actor'))
  expect(
    actorsIn(heard).map(({ sessionId, parentId, definition = '{}', snapshot }) => ({
      sessionId,
      parentId,
      machine: (JSON.parse(definition) as { id?: string }).id,
      state: (snapshot as { value?: string }).value,
    })),
  ).toEqual([
    { sessionId: 'env', parentId: undefined, machine: undefined, state: undefined },
    { sessionId: 'w0', parentId: 'env', machine: 'worker', state: 'idle' },
    { sessionId: 'w1', parentId: 'env', machine: 'worker', state: 'idle' },
    { sessionId: 'a.lock', parentId: 'env', machine: 'mutex', state: 'free' },
  ])
})

test('a definition is the machine', async () => {
  const { actors } = workers(1)
  for (const { sessionId, definition } of actorsIn(await heardOf(workers(1)))) {
    const machine = actors.find(({ id }) => id === sessionId)?.machine
    if (!machine) continue
    const read: AnyStateMachine = createMachine(JSON.parse(definition!) as object)
    expect(chartOf(read.root)).toEqual(chartOf(machine.root))
  }
})

test('each message is an event from whom it comes, the transitions it makes, and the state they lead to', async () => {
  const heard = await heardOf(workers(1), replay(['env → w0', 'w0 → a.lock', 'a.lock → w0', 'w0 → a.lock']))
  expect(storyOf(heard, 'a.lock')).toEqual([
    'free',
    ...['w0 LOCK', '#mutex.free → #mutex.held', 'held'],
    ...['w0 UNLOCK', '#mutex.held → #mutex.free', 'free'],
  ])
})

test('a message that nobody hears makes no transition', async () => {
  const heard = await heardOf(troubled, replay(['env → w0 TWICE', 'w0 → a.lock UNLOCK', 'a.lock → w0 UNLOCKED']))
  expect(storyOf(heard, 'w0').slice(-2)).toEqual(['a.lock UNLOCKED', 'idle'])
})

test('what is wrong is told of the world', async () => {
  const heard = await heardOf(troubled, replay(['env → r READ']))
  const { snapshot } = heard.findLast(({ sessionId }) => sessionId === 'env') as { snapshot: unknown }
  expect(snapshot).toEqual({ status: 'active', context: { step: 1, findings: ['use-after-free in reader'] } })
})

test('a call belongs to its thread, and is announced after it', async () => {
  const [w0, w1, lock] = workers(1).actors as [any, any, any]
  const heard = await heardOf({ ...workers(1), actors: [{ ...w1, thread: 'w0' }, w0, lock] })
  expect(actorsIn(heard).map(({ sessionId, parentId }) => [sessionId, parentId])).toEqual([
    ['env', undefined],
    ['w0', 'env'],
    ['a.lock', 'env'],
    ['w1', 'w0'],
  ])
})

test('what is no statechart has states, too', async () => {
  const heard = await heardOf({
    ...gossips,
    actors: gossips.actors.filter(({ id }) => id === 'anna'),
    components: [
      {
        id: 'bert',
        initial: 0,
        accepts: () => true,
        receive: (n: number) => ({ local: n + 1, sends: [], findings: [], notes: [], ignored: false }),
        key: (n) => `${n}`,
        show: (n: number) => ({ state: `heard ${n}`, data: { n: BigInt(n) } }),
      },
    ],
  })
  expect(storyOf(heard, 'bert').slice(0, 3)).toEqual(['heard 0', 'anna FIRST', 'heard 1'])
  expect(heard.findLast(({ sessionId }) => sessionId === 'bert')).toMatchObject({
    snapshot: { context: { n: expect.stringMatching(/^\d+$/) as string } },
  })
})

/** Further in than Stately's own package looks by itself. */
const deep = (levels: number): object => (levels === 0 ? { size: 0x1_0000_0000_0000_0000n } : { in: deep(levels - 1) })
const deepIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'in' in value ? deepIn(value.in) : value

const told: World = {
  ...gossips,
  start: [{ to: 'anna', message: { type: 'GO', from: 'env', task: 't', deep: deep(40) } }],
}

describe('over a WebSocket', () => {
  test('everything arrives that was said before it opens, as deep as it is, with bigints as text', async () => {
    const { url, heard, left } = await listening()
    await run(workers(100), { inspect: url, pace: 'at once' })
    await left
    expect(heard.length).toBe((await heardOf(workers(100))).length)
    expect(heard.length).toBeGreaterThan(1000)
    expect(heard.map(({ id }) => Number(id))).toEqual(heard.map((_, nth) => nth + 1))
    expect(heard.at(-1)).toMatchObject({ snapshot: { context: { bytes: String(100 * 0x1000) } } })
  })

  test('nothing is cut off', async () => {
    const { url, heard, left } = await listening()
    await run(told, { inspect: url })
    await left
    const [event] = heard.filter((message) => message.type === '@xstate.event')
    expect(deepIn(event!.event['deep'])).toEqual({ size: '18446744073709551616' })
  })

  test('a run that nobody listens to ends with an error that says where', async () => {
    const url = `ws://127.0.0.1:${await freePort()}`
    await expect(run(workers(1), { inspect: url })).rejects.toThrow(`${url}: connect ECONNREFUSED`)
  })

  test('the line ends when nobody wants to see more of the run', async () => {
    const { url, left } = await listening()
    const running = live(workers(1_000_000), first, { inspect: url })
    const connection = running.connect()
    running.pipe(skip(300), take(1)).subscribe(() => connection.unsubscribe())
    await expect(left).resolves.toBe(1005)
  })
})

test('Stately’s own adapter takes the run, and says it to whoever listens', async () => {
  const { url, heard, left, hasHeard } = await listening()
  const inspector = createWebSocketInspector({ url, maxDeferredEvents: 10_000, serializationDepthLimit: 100 })
  await run(workers(100), { inspect: inspector })
  const mine = await heardOf(workers(100))
  await hasHeard(mine.length)
  inspector.stop()
  await left
  const bare = (messages: readonly InspectionMessage[]) =>
    messages.map((message) => JSON.parse(JSON.stringify({ ...message, createdAt: '' })) as object)
  expect(bare(heard)).toEqual(bare(mine))
})

test('through Stately’s own relay a client of its own sees machines, events and states', async () => {
  const port = await freePort()
  const relay = createInspectorServer({ port, autoOpen: false })
  servers.push({ close: () => relay.stop() })
  const seen: StatelyInspectionEvent[] = []
  // A receiver does not say when it is connected; what it is shown at once is what was said before.
  const mine = await heardOf(workers(1))
  await run(workers(1), { inspect: `ws://127.0.0.1:${port}` })
  await new Promise<void>((resolve) =>
    createWebSocketReceiver({ server: `ws://127.0.0.1:${port}` }).subscribe((event) => {
      if (seen.push(event) === mine.length) resolve()
    }),
  )
  const messages = seen as unknown as InspectionMessage[]
  expect(actorsIn(messages).map(({ name }) => name)).toEqual(['workers', 'w0', 'w1', 'a.lock'])
  expect(storyOf(messages, 'a.lock')).toEqual(storyOf(mine, 'a.lock'))
})

test.each([
  ['http://localhost', 'how.inspect cannot be "http://localhost"'],
  [7, 'how.inspect cannot be 7'],
  [{ adapter: {} }, 'how.inspect.adapter.send is missing'],
])('%j is nobody to tell', (inspect, words) => {
  expect(() => live(workers(1), first, { inspect: inspect as never })).toThrow(words)
})
