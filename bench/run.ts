/**
 * npm run bench -- [--only a,b,c,e,f,g,h] [--rounds n] [--write]
 *   a  throughput and memory of explore()      b  cold time to the first bug      c  time to a complete verdict
 *   e  replaying recorded system calls            f  a page from the disk to its first paint
 *   g  machines and systems of XState           h  eight sizes of one protocol, as parts of Spin's CPU seconds
 * `--write` puts the tables into docs/BENCHMARKS.md. Do nothing else on the machine meanwhile.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { conformance } from './conformance.ts'
import { firstBug } from './first-bug.ts'
import { ladder } from './ladder.ts'
import { compile } from './relock.ts'
import { firstPaint } from './page.ts'
import { hasSpin } from './spin.ts'
import { shown, writeInto, type Sheet } from './tables.ts'
import { throughput } from './throughput.ts'
import { verdicts } from './verdict.ts'
import { xstate } from './xstate.ts'

const parts = { a: throughput, b: firstBug, c: verdicts, e: conformance, f: firstPaint, g: xstate, h: ladder } as const

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: hasSpin ? 'a,b,c,e,f,g,h' : 'a,b,c,e,f,g' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const wanted = values.only.split(',')
const rounds = Number(values.rounds)
const unknown = wanted.filter((part) => !(part in parts))
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error('usage: npm run bench -- [--only a,b,c,e,f,g,h] [--rounds n] [--write]')
  process.exit(2)
}

if (!hasSpin) console.error('spin or gcc is not installed: relock is measured alone')
await compile()
const sheets: Sheet[] = []
for (const part of wanted) {
  const sheet = await parts[part as keyof typeof parts](rounds)
  console.log(shown(sheet))
  sheets.push(sheet)
}
if (values.write) writeInto(join(import.meta.dirname, '..', 'docs', 'BENCHMARKS.md'), sheets)
