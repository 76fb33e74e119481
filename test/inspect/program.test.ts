/** `--inspect`: the program tells a recorded run to whoever listens. */
import { afterAll, afterEach, expect, test } from 'vitest'
import { commands, forget, processIn, relockIn, scratch, start } from '../cli/run.ts'
import { actorsIn, freePort, hearing, storyOf, type Hearing } from './stately.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const open: Hearing[] = []
afterEach(() => open.splice(0).forEach((each) => each.close()))

const listening = async (): Promise<Hearing> => {
  const one = await hearing()
  open.push(one)
  return one
}

test('show --inspect tells the run that it shows, and prints it as ever', async () => {
  const { url, heard, left } = await listening()
  const plain = await relock(['show', 'stale-dma'])
  const { code, out, err } = await relock(['show', 'stale-dma', '--inspect', url])
  await left
  expect({ code, out }).toEqual({ code: 1, out: plain.out })
  expect(err).toBe(`Inspect  ${url}   54 steps\n`)
  expect(actorsIn(heard).map(({ sessionId, parentId }) => [sessionId, parentId])).toContainEqual(['vmm1/unmap', 'vmm1'])
  expect(storyOf(heard, 'vmm0').slice(0, 3)).toEqual(['ready', 'env START', '#task.ready → #task.calling'])
  expect(heard.filter(({ type }) => type === '@xstate.event')).toHaveLength(54)
  expect(heard.at(-1)).toMatchObject({
    sessionId: 'env',
    snapshot: { context: { step: 54, findings: ['use-after-free in vfio_dma_do_unmap'] } },
  })
})

test('replay --inspect tells one run, at the pace that is asked for', async () => {
  const { url, heard, left } = await listening()
  const [, address] = commands((await relock(['show', 'stale-dma'])).out).find(([verb]) => verb === 'replay')!
  expect((await relock(['replay', address!, '--inspect', url, '--pace', '1'])).code).toBe(1)
  await left
  expect(heard.filter(({ type }) => type === '@xstate.event')).toHaveLength(54)
  const { code, err } = await relock(['replay', address!, address!, '--inspect', url])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--inspect shows one run') as string })
})

test('step by step, each line that is typed is a step; when there are no more, the rest follows', async () => {
  const { url, heard, hasHeard, left } = await listening()
  const program = start(folder, ['show', 'stale-dma', '--quiet', '--inspect', url, '--pace', 'step'])
  await program.says('Inspect')
  const events = () => heard.filter(({ type }) => type === '@xstate.event').length
  program.type('\n')
  await program.says('1 of 54   env → vmm0 START')
  program.type('\n\n')
  await program.says('3 of 54')
  await hasHeard(actorsIn(heard).length + 3)
  expect(events()).toBe(3)
  program.type()
  expect((await program.ended).code).toBe(1)
  await left
  expect(events()).toBe(54)
})

test('Ctrl-C ends the telling, not what was found', async () => {
  const { url, left } = await listening()
  const program = start(folder, ['show', 'stale-dma', '--quiet', '--inspect', url, '--pace', '600000'])
  await program.says('Inspect')
  program.interrupt()
  expect((await program.ended).code).toBe(1)
  await left
})

test('without an inspector it is told where one was looked for', async () => {
  const url = `ws://127.0.0.1:${await freePort()}`
  const { code, err } = await processIn(folder)(['show', 'stale-dma', '--inspect', url])
  expect(code).toBe(2)
  expect(err).toContain(`No inspector can be reached at ${url}.`)
})

test.each([
  [['--inspect', 'http://localhost'], '--inspect http://localhost: the address of a WebSocket begins with ws://'],
  [['--pace', '100'], '--pace does nothing by itself.'],
  [['--inspect', '--pace', '0'], '--pace 0: not a whole number from 1 to 600,000.'],
])('%j is refused', async (words, said) => {
  const { code, err } = await relock(['show', 'stale-dma', ...words])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(said) as string })
})
