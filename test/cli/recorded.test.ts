/** Runs that were recorded on another model: what becomes of them, and with which exit code. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folderOf } from '../../report/save.ts'
import { commands, forget, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const addressesIn = (out: string): readonly string[] =>
  commands(out).flatMap(([command, address = '']) => (command === 'replay' ? [address] : []))

/** Lanes and splat: what stands between the sentence above them and the replay command. */
const bodyOf = (out: string): string => / steps?\):\n\n(.*?)\n\n {2}Replay /s.exec(out)![1]!

describe('a run that was recorded on another model', () => {
  const recorded = 'stale-dma,unmap=per-mapping,tasks=2@ffff:0x11'

  test('explains itself', async () => {
    const { code, err } = await relock(['replay', recorded])
    expect(code).toBe(2)
    expect(err).toMatch(/^This schedule was recorded on another model \(ffff, now [0-9a-f]{12}\)\.\n/)
    expect(err).toContain('explore again')
  })

  const saved = async (): Promise<{ readonly out: string; readonly file: Record<string, any> }> => {
    const { out } = await relock(['explore', 'stale-dma'])
    const [, path = ''] = /Saved {4}(\S+)\{txt,trace\.json\}/.exec(out) ?? []
    return { out, file: JSON.parse(readFileSync(join(folder, `${path}trace.json`), 'utf8')) as Record<string, any> }
  }

  /** As if it had been recorded on another model, in which one step had another name. */
  const older = (file: Record<string, any>, step?: number): string => {
    const path = join(folder, 'older.trace.json')
    const { names, trace, address, ...rest } = structuredClone(file) as Record<string, any>
    if (step !== undefined) {
      trace.steps[step].message.type = 'PEEK'
      names[step] = String(names[step]).replace(/\S+$/, 'PEEK')
    }
    const old = { ...rest, names, trace, address: address.replace(/@\w+/, '@ffff'), fingerprint: 'ffff' }
    writeFileSync(path, JSON.stringify(old))
    return path
  }

  test('is kept when it is in the file: the same lanes, and an address of today', async () => {
    const { out, file } = await saved()
    const again = await relock(['replay', older(file)])
    expect(again.code).toBe(1)
    expect(again.out).toContain('Kept: the model has changed, and every step of the recorded run is as it was.')
    expect(again.out).toContain('  shows      use-after-free in vfio_dma_do_unmap, as recorded')
    expect(bodyOf(again.out)).toBe(bodyOf(out))
    expect(commands(again.out)[0]).toEqual(commands(out)[0])
  })

  test('is kept when it is in .relock/ and only its old address is at hand', async () => {
    const { file } = await saved()
    const { address } = JSON.parse(readFileSync(older(file), 'utf8')) as { address: string }
    mkdirSync(join(folder, '.relock', folderOf(address)), { recursive: true })
    cpSync(join(folder, 'older.trace.json'), join(folder, '.relock', folderOf(address), 'run.trace.json'))
    const again = await relock(['replay', address])
    expect({ code: again.code, err: again.err }).toEqual({ code: 1, err: '' })
    expect(again.out).toContain('Kept: ')
    expect(again.out).toContain(`npx relock replay`)
    expect(addressesIn(again.out)).toEqual([file['address']])
  })

  test('is adapted when a step goes by another name, and says what is new and what is gone', async () => {
    const { out, file } = await saved()
    const again = await relock(['replay', older(file, 7)])
    expect(again.code).toBe(1)
    expect(again.out).toContain('Adapted: the model has changed, and a run keeps the order of the recorded one.')
    expect(again.out).toMatch(/^ {2}new {8}type1 → vmm0\/unmap \S+$/m)
    expect(again.out).toMatch(/^ {2}gone {7}type1 → vmm0\/unmap PEEK$/m)
    expect(bodyOf(again.out)).toBe(bodyOf(out))
    const document = JSON.parse((await relock(['replay', older(file, 7), '--json'])).out) as Record<string, any>
    expect(document['followed']).toMatchObject({
      outcome: 'adapted',
      shown: true,
      added: [8],
      gone: [{ step: 8, name: 'type1 → vmm0/unmap PEEK' }],
    })
    // What was printed is a saved run, too.
    writeFileSync(join(folder, 'printed.trace.json'), JSON.stringify(document))
    expect((await relock(['replay', 'printed.trace.json'])).code).toBe(1)
  })

  test('is impossible when the model has no such run, and says from where on and what was expected there', async () => {
    const { file } = await saved()
    const path = older(file)
    const onAnother = JSON.parse(
      readFileSync(path, 'utf8')
        .replaceAll('"per-mapping"', '"under-lock"')
        .replaceAll('unmap=per-mapping', 'unmap=under-lock'),
    ) as Record<string, any>
    writeFileSync(path, JSON.stringify(onAnother))
    const { code, out } = await relock(['replay', path])
    expect(out).toMatchInlineSnapshot(`
      "Impossible: the model has changed, and no run keeps the order of the recorded
      one.
        fits       steps 1–10
        expected   vmm0/unmap → iommu.lock UNLOCK (step 11)
        possible   vmm0/unmap → vmm0/notify CALL
        nowhere    vmm0/unmap → iommu.lock UNLOCK
                   iommu.lock → vmm0/unmap UNLOCKED
                   vmm0/unpin → iommu.lock LOCK
                   iommu.lock → vmm0/unpin LOCKED
                   vmm0/unpin → type1 UNPIN
                   type1 → vmm0/unpin UNPINNED
                   vmm0/unpin → iommu.lock UNLOCK
                   iommu.lock → vmm0/unpin UNLOCKED
                   and 13 more
        looked at  1,170 states, all of them

        As far as it goes (10 steps):

                vmm0                   type1                  vmm1
           3    ● unmap 0x1000+0x1000  │                      │
           4    │                      │                      ● unmap 0x1000+0x1000
         5–6    ● lock iommu.lock      │                      │
         7–8    ├──── check edges ────►│                      │
                │                      │ 0x1000+0x1000        │
        9–10    ├─── vfio_find_dma ───►│                      │
                │                      │ 0x1000+0x1000 → dma0#1 pinned

        Replay   npx relock replay stale-dma,unmap=under-lock,tasks=2@18604cbe485f:0x\\
      10
      "
    `)
    expect(code).toBe(3)
    const document = JSON.parse((await relock(['replay', path, '--json'])).out) as Record<string, any>
    expect(document['followed']).toMatchObject({ outcome: 'impossible' })
    const elsewhere = await relock(['lockdep', path])
    expect(elsewhere.code).toBe(2)
    expect(elsewhere.err).toContain('Impossible: the model has changed')
  })
})
