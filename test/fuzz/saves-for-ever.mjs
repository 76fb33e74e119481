/** Saves one run after another, until it is killed; bundled, it is run with the folder. Says a dot after each. */
import { writeSync } from 'node:fs'
import { saveRun } from '../../report/save.ts'

const folder = process.argv[2]

// Long enough that writing it takes several calls of the disk.
const steps = Array.from({ length: 400 }, (_, at) => ({
  number: at + 1,
  choice: 0,
  from: 'a',
  to: 'b',
  message: { type: 'GO', from: 'a', with: 'x'.repeat(300) },
  sentAt: 0,
  possible: ['a → b GO'],
  sends: [],
  findings: [],
  notes: [],
}))

for (let n = 0; ; n++) {
  const length = 1 + (n % 7) * 50
  const address = `world${n % 7}@0123456789ab:${length === 1 ? '0' : `0x${length}`}`
  const trace = {
    system: 'world',
    fingerprint: '0123456789ab',
    initial: {},
    steps: steps.slice(0, length),
    end: 'open',
  }
  // Every so often it is proved to be the shortest, and the same run is kept again.
  saveRun(
    { address, trace, text: `${address}\n${'a line of a report\n'.repeat(9000)}${address}\n`, shortest: n > 20 },
    folder,
  )
  writeSync(1, '.')
}
