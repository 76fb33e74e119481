/** What stories about shared virtual memory say: the same claims, in the same words. */
import { exit, releaseClean, stop, submit, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { SvmTelling } from './story.ts'

type View = LinuxView

/** Who is bound gives the device work, and is done with it: as told, forgetting about it, or saying what is not true. */
export const usesDevice = ({ user, honest }: SvmTelling) => {
  if (user === 'forgets') return [submit('dev0'), exit()]
  if (user === 'lies') return [submit('dev0'), unbind('dev0', { flags: releaseClean }), exit()]
  return [submit('dev0'), stop('dev0'), unbind('dev0', honest), exit()]
}

export const servedAsMeant = always<View>(
  'a page request is only served from the address space its PASID meant when it was issued',
  (w) => w.svm.served.every(({ meant, by }) => meant === by),
  { when: (w) => w.svm.served.length > 0, finding: 'stale-mapping' },
)

export const noDmaAfterUnbind = always<View>(
  'no DMA reaches an address space after its unbind was answered',
  (w) => w.svm.accesses.every(({ ret, unbound }) => ret !== 'hit' || !unbound),
  { when: (w) => w.svm.accesses.length > 0, finding: 'stale-mapping' },
)

export const ownMemoryOnly = always<View>(
  'no DMA reaches the memory of another process',
  (w) => w.svm.accesses.every(({ ret, meant, reached }) => ret !== 'hit' || reached === meant),
  { when: (w) => w.svm.accesses.length > 0, finding: 'stale-mapping' },
)

/** Whatever is in flight of a PASID that is somebody's is his. */
const nothingFormer = (kind: 'request' | 'marker', what: string) =>
  always<View>(
    `a PASID is not handed out while a ${what} of its former life is in flight`,
    (w) =>
      w.svm.pasids.every(
        ({ state, mm, inFlight }) =>
          state !== 'bound' || inFlight.every((each) => each.kind !== kind || each.meant === mm),
      ),
    {
      when: (w) => w.svm.pasids.some(({ inFlight }) => inFlight.some((each) => each.kind === kind)),
      finding: 'stale-mapping',
    },
  )

const noFormerRequest = nothingFormer('request', 'page request')
const noFormerMarker = nothingFormer('marker', 'stop marker')

/** What is true of PASIDs and their pages as long as nobody is wrong. */
export const safe = [servedAsMeant, noDmaAfterUnbind, ownMemoryOnly, noFormerRequest, noFormerMarker]

/** An mm whose process is gone is kept by a bond that nobody has undone, and by nothing else; when all is closed, by nothing. */
export const everyMmIsReleased = always<View>(
  'every mm is released in the end',
  (w) => w.svm.mms.every(({ users, count, accounted }) => count === accounted && (users > 0 || w.svm.open)),
  { when: (w) => w.quiet, finding: 'leak' },
)

export const nothingStaysBound = always<View>(
  'a device that nobody has open is bound to nothing',
  (w) => w.svm.bound.length === 0,
  { when: (w) => w.quiet && !w.svm.open, finding: 'leak' },
)

export const pasidComesBack = always<View>(
  'a PASID that was flushed is free in the end',
  (w) => w.svm.pasids.every(({ state }) => state !== 'waiting for stop marker'),
  { when: (w) => w.quiet, finding: 'leak' },
)

export const keepsItsBond = always<View>(
  'nobody loses a bond that he did not give up',
  (w) => w.svm.accesses.every(({ ret, meant }) => meant !== 'mm1#1' || ret !== 'abort'),
  { when: (w) => w.svm.accesses.length > 0, finding: 'lost-notification' },
)

export const isServed = sometimes<View>('a page request is served', (w) => w.svm.served.length > 0)

export const reaches = sometimes<View>('a DMA reaches the address space of its process', (w) =>
  w.svm.accesses.some(({ ret, meant, reached }) => ret === 'hit' && reached === meant),
)

export const isUsedAgain = sometimes<View>('a PASID is used again, by somebody else', (w) =>
  w
    .results('bind')
    .some(
      ({ ret }, index, all) => ret === 0 && all.findIndex((each) => each['pasid'] === all[index]!['pasid']) < index,
    ),
)

/** Whether anybody minds that nobody has said what became of a PASID: otherwise it is used again all the same. */
export const minds = ({ protocol, as }: SvmTelling): boolean => protocol.startsWith('rfc29') || as === 'repaired'

/** Not a bug: nobody has said that the device is done with it. */
export const isLeakedByDesign = sometimes<View>('a PASID is never used again, by design', (w) =>
  w.svm.pasids.some(({ state }) => state === 'leaked'),
)

export const everybodyFinishes = sometimes<View>('every task gets through its script', (w) => w.quiet)
