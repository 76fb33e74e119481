/** What several searches in one order have seen of it, taken together. */
import type { OrderReport, Report } from '../outcome/report.ts'

/** Of a rule, which has this number: whatever any of them has seen. */
export const orderIn = ({ first, second }: OrderReport, reports: readonly Report[], at: number): OrderReport => ({
  ...{ first, second },
  came: reports.some(({ order }) => order?.[at]?.came),
  cut: reports.some(({ order }) => order?.[at]?.cut),
  ...(reports.every(({ order }) => order?.[at]?.unmet) && { unmet: true }),
})
