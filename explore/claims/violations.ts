/** What makes a verdict violated. */
import type { FindingReport, Report } from '../outcome/report.ts'

/** Every finding does, but for inversions that nobody is known to be caught in, where only those count that somebody is. */
export const isViolation = ({ inversions }: Pick<Report, 'inversions'>, { kind, judged }: FindingReport): boolean =>
  inversions === 'all' || kind !== 'lock-order' || judged?.verdict === 'confirmed'

export const violationsIn = (report: Report): readonly FindingReport[] =>
  report.findings.filter((finding) => isViolation(report, finding))
