import { bind, submit } from '../../actors/kernel/sva/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, isServed, isUsedAgain, reaches, safe, usesDevice } from './words.ts'

/** The whole life of a PASID: bound, used, stopped, unbound, and given to somebody else. */
export const pageRequests = onPasids({
  name: 'page-requests',
  source:
    '[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory, Feb 2017; derived for the forms that came after it',
  why:
    'One process is done with its device just when another wants it, and there is one PASID. What of the first is still on its way when the second ' +
    'is bound? The page request queue has page requests and, behind them, the stop marker that says that no more will come.',
  inTable: true,
  byDefault: 'rfc29-fixed',
  but: { walk: 'safe' },
  users: ['unbinds', 'forgets', 'lies'],
  tasks: (telling) => ({
    vmm0: [bind('dev0'), ...usesDevice(telling)],
    other0: { process: 'other', script: [bind('dev0'), submit('dev0')] },
  }),
  properties: ({ user, device }) => [
    ...safe,
    isServed,
    reaches,
    // Of whom nobody knows whether it is done, the PASID stays where it is.
    ...(user === 'forgets' || device === 'silent' ? [] : [isUsedAgain]),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 24312, findings: [] },
    { protocol: 'rfc29-fixed', states: 33890, findings: [] },
    {
      protocol: 'container',
      states: 22326,
      findings: ['a PASID is not handed out while a stop marker of its former life is in flight'],
      verdicts: { 'a PASID is not handed out while a stop marker of its former life is in flight': 'violated' },
    },
    { protocol: 'container', as: 'repaired', states: 18988, findings: [] },
    { protocol: 'sva-domain', states: 37863, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 37604, findings: [] },
    { protocol: 'rfc29-fixed', device: 'flushed', user: 'forgets', states: 16597, findings: [] },
    { protocol: 'rfc29-fixed', device: 'flushed', user: 'lies', states: 27445, findings: [] },
    { protocol: 'rfc29-fixed', device: 'clean', user: 'unbinds', states: 5879, findings: [] },
    { protocol: 'rfc29-fixed', device: 'clean', user: 'forgets', states: 16597, findings: [] },
    { protocol: 'rfc29-fixed', device: 'clean', user: 'lies', states: 10375, findings: [] },
    { protocol: 'rfc29-fixed', device: 'silent', user: 'unbinds', states: 25822, findings: [] },
    { protocol: 'rfc29-fixed', device: 'silent', user: 'forgets', states: 16597, findings: [] },
    { protocol: 'rfc29-fixed', device: 'silent', user: 'lies', states: 25176, findings: [] },
    { protocol: 'container', as: 'repaired', device: 'clean', states: 3506, findings: [] },
    { protocol: 'container', as: 'repaired', device: 'silent', user: 'lies', states: 14794, findings: [] },
    { protocol: 'container', as: 'repaired', user: 'lies', states: 14656, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', device: 'clean', states: 4073, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', device: 'silent', user: 'lies', states: 15091, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', user: 'lies', states: 34741, findings: [] },
    { protocol: 'rfc29-fixed', device: 'clean', pasids: '2', states: 20009, findings: [] },
  ],
  mutants: [
    {
      name: 'no-marker',
      why: 'A PASID that was flushed is used again without its stop marker.',
      but: { walk: 'safe', waitsForMarker: false, drains: false },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 114569,
          findings: [
            'a PASID is not handed out while a page request of its former life is in flight',
            'a PASID is not handed out while a stop marker of its former life is in flight',
            'a page request is only served from the address space its PASID meant when it was issued',
          ],
          verdicts: {
            'a page request is only served from the address space its PASID meant when it was issued': 'violated',
            'a PASID is not handed out while a page request of its former life is in flight': 'violated',
            'a PASID is not handed out while a stop marker of its former life is in flight': 'violated',
          },
        },
      ],
    },
    {
      name: 'no-invalidation',
      why: 'Unbinding takes the entry out of the PASID table and leaves what the IOTLB and the ATC remember.',
      but: { walk: 'safe', invalidates: false },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 32135,
          findings: [
            'no DMA reaches an address space after its unbind was answered',
            'no DMA reaches the memory of another process',
          ],
          verdicts: {
            'no DMA reaches an address space after its unbind was answered': 'violated',
            'no DMA reaches the memory of another process': 'violated',
          },
        },
      ],
    },
  ],
})
