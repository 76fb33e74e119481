/** `relock compare`: a scenario under each of its protocols, and what a family of them claims. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands, forget, hasControl, relockIn, scratch, start, widest } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

describe('a family', () => {
  test('is a table that fits, and every command in it leads to what it says', async () => {
    const { code, out, err } = await relock(['compare', 'register'])
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(widest(out)).toBeLessThanOrEqual(80)
    expect(hasControl(out)).toBe(false)
    expect(out).not.toMatch(/[ \t]$/m)
    expect(out).toMatch(/^register {3}3 stories · 7 searches · \d+ states$/m)
    expect(out).toMatch(/│ no deadlock +│ +✓ +│ +✓ +│ +✓ +│/)
    expect(out).toMatch(/│ no WARNING +│ +✗ +│ +✗ +│ +✓ +│/)
    const printed = commands(out)
    expect(printed.map(([verb]) => verb)).toEqual(['replay', 'replay', 'replay', 'replay'])
    const again = await relock(['replay', ...printed.map(([, address]) => address!)])
    expect(again.code).toBe(1)
    expect(again.out).toContain('WARNING in vfio_dma_do_unmap: pages pinned again')
    expect(again.out).toContain('kernel BUG in vfio_dma_do_unmap: retries')
  })

  test('may be of one protocol, and then may hold', async () => {
    const { code, out } = await relock(['compare', 'register,unmap=restart', '--ascii', '--all'])
    expect(code).toBe(1)
    expect(out).toMatch(/^[\x20-\x7e\n]*$/)
    expect(out).toMatch(/^register,unmap=restart {3}2 stories - 2 searches/m)
    expect(out).toMatch(/\| sometimes every task gets through its script +\| +\+ +\|/)
  })

  test('is undecided within a bound', async () => {
    const { code, out } = await relock(['compare', 'register', '--states', '2'])
    expect(code).toBe(3)
    expect(out).toContain('~  nothing wrong so far, but not every order was looked at')
    expect(commands(out)).toEqual([])
  })

  test('Ctrl-C reports what is known and exits 1 or 3', async () => {
    // So many samples of the first story that it never comes to the second. It tells how far it is every ten seconds.
    const { ended, speaks, interrupt } = start(folder, [
      ...['compare', 'unmap', '--strategy', 'random', '--runs', '999999999999999'],
    ])
    await speaks
    interrupt()
    const { code, out } = await ended
    expect([1, 3]).toContain(code)
    expect(out).toContain('?  not looked at: you stopped it')
  })
})

describe.concurrent('what is asked for', () => {
  const own = `
import { toScenario, linux, unmap } from 'relock'

export default toScenario({
  name: 'two-forms',
  options: {
    protocol: { values: ['none', 'restart'] },
    as: { values: ['posted', 'repaired'], only: { protocol: ['restart'] } },
    memory: { values: ['keep', 'unmap'], otherwise: 'as the protocol does' },
  },
  world: () => linux({
    unmap: 'restart',
    containers: { container0: { groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } } } },
    tasks: { vmm0: [unmap(0x1000, 0x1000)] },
  }),
})
`
  beforeAll(() => writeFileSync(join(folder, 'forms.ts'), own))

  test('protocols stand beside their repaired forms', async () => {
    const { code, out } = await relock(['compare', './forms.ts'])
    expect(code).toBe(0)
    const labels = [...out.matchAll(/^ {2}(\S+(?: \S+)?) {2,}nothing wrong/gm)].map(([, label]) => label)
    expect(labels).toEqual(['none', 'restart', 'restart repaired'])
    expect(widest(out)).toBeLessThanOrEqual(80)
  })

  test('only some of them, if only some are asked for', async () => {
    const { out } = await relock(['compare', './forms.ts', '--as', 'repaired', '--memory', 'keep', '--json'])
    const { protocols } = JSON.parse(out) as { protocols: { protocol: string; choices: object }[] }
    expect(protocols.map(({ protocol, choices }) => [protocol, choices])).toEqual([
      ['none', { protocol: 'none', memory: 'keep', tasks: 1 }],
      ['restart repaired', { protocol: 'restart', as: 'repaired', memory: 'keep', tasks: 1 }],
    ])
  })

  test('an address has them in one order, whatever the order in which they were typed', async () => {
    const typed = './forms.ts,memory=keep,as=repaired,protocol=restart'
    const { out } = await relock(['explore', typed, '--json'])
    const { choices, fingerprint } = JSON.parse(out) as { choices: object; fingerprint: string }
    expect(Object.keys(choices)).toEqual(['protocol', 'as', 'memory', 'tasks'])
    const again = await relock(['replay', `${typed}@${fingerprint}:0`])
    const address = `./forms.ts,protocol=restart,as=repaired,memory=keep@${fingerprint}:0`
    expect(commands(again.out)).toEqual([['replay', address]])
  })

  test.each([
    [
      'a value',
      ['explore', './forms.ts', '--memory', 'kept'],
      'Did you mean "keep"?',
      'explore ./forms.ts --memory keep',
    ],
    ['an option', ['explore', './forms.ts', '--unmap', 'restart'], 'is not told with --unmap', 'explore ./forms.ts'],
    ['a choice', ['explore', './forms.ts,memry=keep'], 'Did you mean --memory?', 'explore ./forms.ts --memory …'],
    [
      'what goes with another',
      ['explore', './forms.ts', '--as', 'repaired'],
      '--as is for --protocol restart.',
      '--protocol restart --as',
    ],
    ['a family', ['compare', 'regster'], 'Did you mean "register"?', 'npx relock compare register'],
    [
      'a value of a family',
      ['compare', 'unmap', '--unmap', 'restrat'],
      'Did you mean "restart"?',
      'compare unmap --unmap restart',
    ],
    ['an option of a family', ['compare', 'unmap', '--as', 'posted'], '--unmap, --tasks.', 'npx relock compare unmap'],
    ['tasks of a family', ['compare', 'unmap', '--tasks', '12'], 'It is told with 1 to 4.', 'compare unmap --tasks 4'],
  ])('%s', async (_, args, answer, next) => {
    const { code, out, err } = await relock(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(answer)
    expect(err.slice(err.indexOf('To go on: '))).toContain(next)
  })
})
