import { expect, test } from 'vitest'
import type { Progress, Report } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import { explorationBy, type Exploring } from '../../streams/exploration.ts'
import { manyTurns } from './turns.ts'

const nothing: System = { name: 'nothing', fingerprint: '0000', components: [], start: [], view: () => ({}) }

const progress = (states: number, findings: readonly string[] = []): Progress => ({
  states,
  steps: 0,
  depth: 0,
  seconds: 0,
  frontier: [],
  findings,
})

/** Counts states for ever, or until it is aborted; finds something at the third. */
function* counting(
  _system: System,
  _properties: readonly unknown[],
  options: { readonly signal?: AbortSignal } = {},
): Generator<Progress, Report> {
  for (let states = 1; !options.signal?.aborted; states++)
    yield progress(states, states < 3 ? [] : ['leak in vfio_pin_pages'])
  return { system: 'nothing' } as Report
}

test('a search reports its progress, each finding once, and its report in the end', async () => {
  const you = new AbortController()
  const heard: Exploring[] = []
  await new Promise<void>((resolve) =>
    explorationBy(counting)(nothing, [], { signal: you.signal }).subscribe({
      next: (said) => {
        heard.push(said)
        if (said.type === 'progress' && said.progress.states === 5) you.abort()
      },
      complete: resolve,
    }),
  )
  expect(heard.map(({ type }) => type)).toEqual([
    'progress',
    'progress',
    'progress',
    'finding',
    'progress',
    'progress',
    'report',
  ])
})

test('unsubscribing stops the search and closes its generator', async () => {
  let seen = 0
  let closed = false
  function* watched(...given: Parameters<typeof counting>): Generator<Progress, Report> {
    try {
      return yield* counting(...given)
    } finally {
      closed = true
    }
  }
  await new Promise<void>((resolve) => {
    const exploring = explorationBy(watched)(nothing, []).subscribe((said) => {
      if (said.type === 'progress' && ++seen === 3) {
        exploring.unsubscribe()
        resolve()
      }
    })
  })
  await manyTurns()
  expect([seen, closed]).toEqual([3, true])
})

test('a model that is wrong fails the stream', async () => {
  // oxlint-disable-next-line require-yield -- it fails before it has anything to say
  function* failing(): Generator<Progress, Report> {
    throw new Error('The model is not deterministic')
  }
  const failure = await new Promise((resolve) => explorationBy(failing)(nothing, []).subscribe({ error: resolve }))
  expect(String(failure)).toContain('not deterministic')
})
