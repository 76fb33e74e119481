/** Pictures in the documents are drawn from what was measured. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pictures } from '../../bench/growth.ts'

test.each(Object.entries(pictures))(
  'docs/%s shows the numbers of the tables: `npm run bench:growth` draws it',
  (name, draw) => {
    const drawn = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
    expect(drawn).toBe(draw())
    expect(drawn.match(/<circle /g)!.length).toBeGreaterThan(10)
  },
)
