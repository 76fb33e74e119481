import { map, mirror, unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** A driver that follows the mappings without pinning anything. */
export const missedMirror = withMutants({
  name: 'missed-mirror',
  family: 'drivers',
  windows: ['M-3', 'B-03'],
  source: 'libvfio-user #50 and #31 (February 2020)',
  why:
    'A driver keeps a mirror of the mappings and relies on DMA_UNMAP to drop entries, but pins nothing. As merged the kernel notifies only about ' +
    'mappings with pinned pages: the driver misses the unmap, and the next mapping of the range collides in its mirror.',
  unmap: ['per-request', 'per-mapping', 'restart', 'device-list', 'gated'],
  byDefault: 'restart',
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'mirrors', mirror: [{ iova: page, size: page }] },
    }),
    tasks: { vmm0: [unmap(page, page), map(page, page), mirror('mdev0', page, page)] },
  }),
  properties: [
    always<LinuxView>('the driver hears of every unmap', (w) => !w.vfio.driver('mdev0').mirrors(page), {
      when: (w) => w.task('vmm0').result('unmap')?.ret === 0 && w.task('vmm0').results.length === 1,
      finding: 'lost-notification',
    }),
    always<LinuxView>(
      'the same range can be mapped and mirrored again',
      (w) => w.task('vmm0').result('mirror')?.ret === 0,
      {
        when: (w) => w.finished,
        finding: 'wrong-result',
      },
    ),
    sometimes<LinuxView>('the range is mapped again', (w) => w.task('vmm0').result('map')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    { unmap: 'per-request', states: 7, findings: [] },
    {
      unmap: 'per-mapping',
      states: 5,
      findings: ['the driver hears of every unmap', 'the same range can be mapped and mirrored again'],
      verdicts: {
        'the driver hears of every unmap': 'violated',
        'the same range can be mapped and mirrored again': 'violated',
      },
    },
    {
      unmap: 'restart',
      states: 5,
      findings: ['the driver hears of every unmap', 'the same range can be mapped and mirrored again'],
      verdicts: {
        'the driver hears of every unmap': 'violated',
        'the same range can be mapped and mirrored again': 'violated',
      },
    },
    {
      unmap: 'device-list',
      states: 5,
      findings: ['the driver hears of every unmap', 'the same range can be mapped and mirrored again'],
      verdicts: {
        'the driver hears of every unmap': 'violated',
        'the same range can be mapped and mirrored again': 'violated',
      },
    },
    {
      unmap: 'gated',
      states: 5,
      findings: ['the driver hears of every unmap', 'the same range can be mapped and mirrored again'],
      verdicts: {
        'the driver hears of every unmap': 'violated',
        'the same range can be mapped and mirrored again': 'violated',
      },
    },
  ],
})
