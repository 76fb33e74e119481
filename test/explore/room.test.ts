/** A search that nobody has bounded ends before the memory does, with what it knows: what V8 has for objects, and what the machine has. */
import { execFile } from 'node:child_process'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fromCommands } from '../../explore/commands/commands.ts'
import { Heap } from '../../explore/spill/heap.ts'
import { limits, Room } from '../../explore/spill/room.ts'
import { root } from '../cli/run.ts'
import { undisturbed } from './killed.ts'

afterEach(() => vi.restoreAllMocks())

/** Counts for ever, and never lets go of anything. */
const filling = (search: string): string => `
  import { explore, fromCommands } from ${JSON.stringify(join(root, 'dist/explore.js'))}
  const kept = []
  const up = {
    do: ({ n }) => {
      kept.push(Array(1000).fill(n))
      return { n: n + 1 }
    },
  }
  const system = fromCommands({ name: 'fills', components: { a: { start: { n: 0 }, processes: { counts: { up } } } } })
  const { stopped, exhaustive, states } = await explore(system, [], { search: ${search} })
  console.log(JSON.stringify({ stopped, exhaustive, states }))
`

const inSmallProcess = (program: string): Promise<string> =>
  new Promise((resolve) => {
    const words = ['--max-old-space-size=96', '--input-type=module', '-e', program]
    execFile(process.execPath, words, (error, out) => resolve(error ? `${error.code} ${error.signal}` : out))
  })

describe('a search whose model fills what V8 has for objects ends before the process does', () => {
  test.each([`'breadth'`, `'depth'`, `{ random: { runs: 10, seed: 1 } }`])('%s', async (search) => {
    const out = await inSmallProcess(filling(search))
    expect(JSON.parse(out)).toMatchObject({
      exhaustive: false,
      stopped: { by: 'memory', why: 'V8 has no room for more objects' },
    })
  })
})

const up = { do: ({ n }: { readonly n: number }) => ({ n: (n + 1) % 40 }) }
const counters = fromCommands({
  name: 'two counters',
  components: { a: { start: { n: 0 }, processes: { pa: { up } } }, b: { start: { n: 0 }, processes: { pb: { up } } } },
})
const search = () => undisturbed({ system: counters, properties: [], options: { symmetry: false } })

describe('where a process that takes the last of the memory is killed', () => {
  const linux = Object.getOwnPropertyDescriptor(process, 'platform')!
  const on = (platform: NodeJS.Platform) => Object.defineProperty(process, 'platform', { ...linux, value: platform })
  afterEach(() => Object.defineProperty(process, 'platform', linux))

  test('a search ends before the machine has none left, and has all states where there is some', () => {
    on('linux')
    expect(search()).toMatchObject({ exhaustive: true, states: 1600 })
    vi.spyOn(os, 'freemem').mockReturnValue(2 ** 24)
    const { exhaustive, stopped, states } = search()
    expect([exhaustive, stopped?.by, stopped?.why]).toEqual([false, 'memory', 'the machine has no memory left'])
    expect(states).toBeLessThan(1600)
  })

  test('elsewhere what is free says little, and the system says no by itself', () => {
    on('darwin')
    vi.spyOn(os, 'freemem').mockReturnValue(2 ** 24)
    expect(search().exhaustive).toBe(true)
  })

  test('a container has less than its machine; what others have there is not known', () => {
    on('linux')
    vi.spyOn(os, 'totalmem').mockReturnValue(2 ** 34)
    vi.spyOn(os, 'freemem').mockReturnValue(2 ** 33)
    const within = (bytes: number, taken: number): boolean => {
      vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes)
      vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(taken)
      return new Room(new Heap(() => 0), limits()).isMachineFull()
    }
    // A sixteenth is left; there is no bound; it is not known.
    expect([within(2 ** 30, 0.9 * 2 ** 30), within(2 ** 30, 0.95 * 2 ** 30)]).toEqual([false, true])
    expect([within(2 ** 64, 2 ** 34), within(0, 2 ** 34)]).toEqual([false, false])
  })

  test('what is to be taken at once counts, at whichever look', () => {
    on('linux')
    vi.spyOn(os, 'totalmem').mockReturnValue(2 ** 34)
    vi.spyOn(os, 'freemem').mockReturnValue(2 ** 30)
    const room = new Room(new Heap(() => 0), limits())
    const looks = [0, 1, 2 ** 30, 2, 2 ** 29].map((more) => room.isMachineFull(more))
    expect(looks).toEqual([false, false, true, false, false])
  })
})
