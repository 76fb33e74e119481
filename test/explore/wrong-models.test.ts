import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { ignores, notDeterministic, sendsToNobody } from '../toys/faulty.ts'

describe('a message that is neither handled nor deferred', () => {
  test('is shown with its receiver, the state it was in, and the type', async () => {
    const report = await explore(ignores(), [])
    expect(report.ignored).toEqual([{ component: 'deaf', state: 'deaf', type: 'GO' }])
    expect(report.findings).toEqual([])
  })

  test('is a finding when asked for', async () => {
    const report = await explore(ignores(), [], { ignored: 'fail' })
    expect(report.findings).toHaveLength(1)
    const [finding] = report.findings
    expect(`${finding!.title} ${finding!.detail ?? ''}`).toMatch(/deaf/)
    expect(`${finding!.title} ${finding!.detail ?? ''}`).toMatch(/GO/)
    expect(replay(ignores(), finding!.schedule).steps.at(-1)!.ignored).toBe(true)
  })
})

describe('a component that is not deterministic', () => {
  test.each([true, false])(
    'is an error that names it, the message and what differs (reduction: %s)',
    async (reduction) => {
      const report = explore(notDeterministic(), [], { reduction })
      await expect(report).rejects.toThrow(/not deterministic/)
      await expect(report).rejects.toThrow(/moody/)
      await expect(report).rejects.toThrow(/GO/)
      await expect(report).rejects.toThrow(/inner\.count/)
    },
  )

  test('is an error when replayed, too', () => {
    expect(() => replay(notDeterministic(), [0])).toThrow(/moody/)
  })

  test('is an error when sampled, too', async () => {
    const search = { random: { seed: 1, runs: 1 } }
    await expect(explore(notDeterministic(), [], { search })).rejects.toThrow(/moody/)
  })
})

test('a message to nobody is an error that names the sender, the type and the name that is not there', async () => {
  const report = explore(sendsToNobody(), [])
  await expect(report).rejects.toThrow(/lonely/)
  await expect(report).rejects.toThrow(/HELLO/)
  await expect(report).rejects.toThrow(/nobody/)
})

test('two components of one name are an error', async () => {
  const system = ignores()
  const twice = { ...system, components: [...system.components, ...system.components] }
  await expect(explore(twice, [])).rejects.toThrow(/deaf/)
})
