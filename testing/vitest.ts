/** `import 'relock/vitest'`: matchers, runs in snapshots, and what failed as a page that is attached to its test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Report } from '../explore/outcome/report.ts'
import type { Trace } from '../explore/runs/trace.ts'
import type { Followed } from '../explore/runs/follow.ts'
import { isTrace } from './format.ts'
import { isFollowed, type Judgement } from './judgements.ts'
import { matchers, type RelockMatchers } from './matchers.ts'
import { pageOf } from './page.ts'
import { serializer } from './snapshot.ts'

declare module 'vitest' {
  interface Matchers<T = any> extends RelockMatchers {}
}

/** Vitest's: what it hands to a matcher as `this`. */
interface Asked {
  readonly isNot?: boolean
  readonly task?: { readonly context?: { annotate?(message: string, attachment: object): Promise<unknown> } }
}

/** Vitest copies the file among its attachments. The test waits for that, and what becomes of it is no matter of the test's. */
const attach = ({ task }: Asked, report: Report): void => {
  const page = task?.context?.annotate && pageOf(report)
  if (page === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'relock-page-'))
  const path = join(folder, 'relock.html')
  const forget = (): void => rmSync(folder, { recursive: true, force: true })
  writeFileSync(path, page)
  task!.context!.annotate!(`relock: the page of ${report.system}`, { path, contentType: 'text/html' }).then(
    forget,
    forget,
  )
}

/** What is told of a report is attached, too. */
const told = (asked: Asked, given: Report | Trace | Followed, judged: Judgement): Judgement => {
  if (judged.pass === (asked.isNot ?? false) && !isTrace(given) && !isFollowed(given)) attach(asked, given)
  return judged
}

expect.extend({
  ...matchers,
  toHold(report: Report, name?: string) {
    return told(this, report, matchers.toHold(report, name))
  },
  toViolate(of: Report | Trace | Followed, name: string) {
    return told(this, of, matchers.toViolate.call(this, of, name))
  },
  toReach(report: Report, name: string) {
    return told(this, report, matchers.toReach(report, name))
  },
  toDeadlock(of: Report | Trace) {
    return told(this, of, matchers.toDeadlock(of))
  },
})
expect.addSnapshotSerializer(serializer)
