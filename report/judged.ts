/** What became of an inversion of the order of locks, in words. */
import type { JudgedReport } from '../explore/outcome/report.ts'
import { counted } from './words.ts'

/** A sentence for whoever has read what the inversion is. */
export const judgedWords = (judged: JudgedReport): string => {
  switch (judged.verdict) {
    case 'confirmed':
      return `confirmed: a run of ${counted(judged.schedule.length, 'step')} hangs so`
    case 'refuted':
      return 'refuted within this world: every order was looked at, and none hangs so'
    case 'open':
      return 'open: none that was looked at hangs so, and not every order was'
  }
}

/** A kind of findings in a list of kinds; what is confirmed is what its kind says. */
export const judgedKind = (kind: string, judged: JudgedReport | undefined): string =>
  judged === undefined || judged.verdict === 'confirmed' ? kind : `${kind} ${judged.verdict}`
