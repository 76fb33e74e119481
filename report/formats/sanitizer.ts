/** All that the sanitizer has to say about a run, as it would stand in the kernel's log: each report between two lines. */
import { sanitizer } from '../../explore/memory/sanitizer.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { violationLines } from '../sanitizer.ts'
import { counted, visible } from '../words.ts'

export const sanitizerLog = (trace: Trace): string => {
  const { lives, violations } = sanitizer(trace)
  const ruler = '='.repeat(66)
  const reports = violations.map((each) => [ruler, ...violationLines(each).map(visible), ruler].join('\n'))
  const head = `${trace.system} #${trace.fingerprint}: ${counted(lives.length, 'object')}, ${counted(violations.length, 'report')}`
  return `${[visible(head), ...reports].join('\n\n')}\n`
}
