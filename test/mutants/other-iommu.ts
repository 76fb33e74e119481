/** Mutants of IOMMUs that can do more than the one that was recorded. */
import { inFile, type Mutant } from './mutant.ts'

const by = 'linux/other-iommu'

export const ofOtherIommus: readonly Mutant[] = [
  ...inFile('machines/pci/root-complex/dirty-bits.ts', [
    ['one.domain === domain ? cleaned(one, iova, size) : one', 'one', 'what is unmapped stays dirty', by],
    ['tracked: clears ?', 'tracked: !clears ?', 'what is read stays dirty', by],
    [
      '[table]: { domain, pages: [] }',
      '[table]: { domain, pages: tracked[table]?.pages ?? [] }',
      'tracking that is switched on again goes on',
      by,
    ],
    ['[...one.pages, ...pages]', 'pages', 'only what was written last is dirty', by],
  ]),
  ...inFile('machines/pci/root-complex/used-tables.ts', [
    ['pfn >= first + npages', 'false', 'all behind it is invalidated', by],
    ['used.nested[table]?.over ?? table', 'table', 'what is written through a nested table is dirty nowhere', by],
  ]),
  ...inFile('machines/pci/root-complex/dmar-tables.ts', [
    [
      'entry.nested === undefined && !flushed(entry)',
      '!flushed(entry)',
      'what a first stage led to is remembered when it is unmapped',
      by,
    ],
  ]),
  ...inFile('machines/iommufd/device/attach-device.ts', [
    [
      'context.tells === true && context.before === context.ioas',
      'false',
      'the IOMMU hears of no other table of the same IOAS',
      by,
    ],
  ]),
  ...inFile('machines/iommufd/fault/fault-queue.ts', [
    ['[...deliver, ...asked].filter(isTheirs)', 'deliver.filter(isTheirs)', 'what was read is answered by nobody', by],
    ['each.table === table && devices', 'devices', 'whoever moves to another page table is refused there', by],
    [
      "[{ guard: 'mayAsk', actions: 'ask' }, { actions: 'refuse' }]",
      "{ actions: 'ask' }",
      'whoever asks late waits for ever',
      by,
    ],
  ]),
  ...inFile('machines/iommufd/requests.ts', [
    [
      "[...dirtyRange(args), [!args.tracks, '-EOPNOTSUPP']]",
      'dirtyRange(args)',
      'what is dirty is asked of any page table',
      by,
    ],
  ]),
  ...inFile('machines/iommufd/numbers.ts', [
    [
      '!can.nesting : found.tracks && !can.dirtyTracking',
      '!can.nesting : false',
      'a device is attached to what its IOMMU cannot do',
      by,
    ],
    [
      "objects.some((each) => each.what === 'nested table' && each.parent === id)",
      'false',
      'a parent goes before what is nested in it',
      by,
    ],
    [
      "[itself !== null && !isForPasids(objects, itself), '-EINVAL'],",
      '',
      'a PASID is attached beside what bars it',
      by,
    ],
    [
      'theirs !== undefined && theirs !== pt && pasidIn',
      'theirs === null && pasidIn',
      'a group has two page tables of one PASID',
      by,
    ],
    ['each.pasids?.some(({ pt }) => pt === table) === true', 'false', 'the page table of a PASID goes', by],
    ['parent.auto || !parent.nests', 'parent.auto', 'anything can be nested in', by],
  ]),
]
