/** Text of a test file: two unmaps of one page, as posted and as merged. */
export const twoUnmaps = `
const page = 0x1000
const twoUnmaps = (protocol) =>
  linux({
    unmap: protocol,
    containers: {
      container0: {
        mappings: [{ iova: page, size: page }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
      },
    },
    tasks: { vmm0: [unmap(page, page)], vmm1: [unmap(page, page)] },
  })
const gone = always('in the end nothing is mapped', (w) => !w.vfio.mapped(page), { when: (w) => w.finished })
const both = sometimes('both return', (w) => w.finished)
`

/** Tests that pass, in the words of any runner with an \`expect\`. */
export const passing = `
test('as merged it holds', async () => {
  const report = await explore(twoUnmaps('restart'), [gone, both])
  expect(report).toHold()
  expect(report).toHold('in the end nothing is mapped')
  expect(report).toReach('both return')
  expect(report).toHaveExplored({ states: report.states, exhaustive: true })
  expect(report).not.toDeadlock()
  expect(report).not.toViolate('use-after-free')
})
test('as posted it does not', async () => {
  const report = await explore(twoUnmaps('per-mapping'), [gone])
  expect(report).not.toHold()
  expect(report).toViolate('use-after-free in vfio_dma_do_unmap')
  const trace = replay(twoUnmaps('per-mapping'), report.findings[0].schedule)
  expect(trace).toViolate('use-after-free')
  expect(trace).toMatchSnapshot()
})
test('an actor is in a state', () => {
  const run = start(twoUnmaps('restart'))
  expect(run.actor('iommu.lock')).toBeIn('free')
})
test('what a kernel answered', async () => {
  expect(await conform({
    name: 'without a group',
    ops: [{ op: 'open_container', as: 'c0' }, { op: 'set_iommu', fd: 'c0', type: 3 }],
    results: [null, { ret: -1, err: 'EINVAL' }],
  })).toConform()
})
`

export const failing = `
test('as posted it holds', async () => {
  expect(await explore(twoUnmaps('per-mapping'), [gone])).toHold()
})
test('a lock is held', () => {
  expect(start(twoUnmaps('restart')).actor('iommu.lock')).toBeIn('held')
})
`
