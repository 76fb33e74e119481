/** How far a replay of cases is. The end is known here, so there is a true bar. */
import type { ConformProgress } from '../../conform/report.ts'
import { clock, speed } from '../progress.ts'
import type { Page } from '../style.ts'
import { clip, count, counted } from '../words.ts'

const barOf = (part: number, width: number, page: Page): string =>
  page.glyphs.bars
    .at(-1)!
    .repeat(Math.floor(part * width))
    .padEnd(width)

export const conformLine = ({ cases, ofCases, ops, disagreed, seconds }: ConformProgress, page: Page): string => {
  const line = [
    'replaying',
    `${count(cases)}/${count(ofCases)} cases`,
    counted(ops, 'op'),
    speed(ops, seconds, 'ops'),
    clock(seconds),
    ...(disagreed === 0 ? [] : [`${count(disagreed)} disagree`]),
  ].join('  ')
  const room = Math.min(24, page.columns - line.length - 5)
  const bar = room < 8 || ofCases === 0 ? '' : `   ${barOf(cases / ofCases, room, page)}`
  return clip(line + bar, page.columns - 1, page.glyphs.more)
}
