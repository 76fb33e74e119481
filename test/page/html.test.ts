/** The file: nothing that is put into it becomes part of it. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Book } from '../../page/make/book.ts'
import { embedded, html } from '../../page/make/html.ts'
import { Texts } from '../../page/make/texts.ts'

test('data ends no script, whatever is in it, and comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: false }),
      fc.constantFrom('</script>', '<!--', '\u2028', '&lt;'),
      (any, sign) => {
        const data = JSON.parse(JSON.stringify([any ?? null, sign])) as unknown
        const text = embedded(data)
        expect(text).not.toMatch(/[<>&\u2028\u2029]/)
        expect(JSON.parse(text)).toEqual(data)
      },
    ),
  )
})

test('what cannot be seen in a name is made visible', () => {
  const texts = new Texts()
  texts.of('a\u001b[31m\u202e\u2028b')
  expect(texts.all).toEqual(['a\\x1b[31m\\u{202e}\\u{2028}b'])
})

const page = html(new Book().data('explore "<b>'), 'a </title><script>alert(1)</script>')

test('the policy names by their digits the one script and the one style that there are', () => {
  const policy = /content="(default-src[^"]*)"/.exec(page)![1]!
  const digits = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const [script, ...more] = [...page.matchAll(/<script type="module">(.*?)<\/script>/gs)]
  const [style, ...others] = [...page.matchAll(/<style>(.*?)<\/style>/gs)]
  expect([more, others]).toEqual([[], []])
  expect(policy).toBe(
    `default-src 'none'; script-src ${digits(script![1]!)}; style-src ${digits(style![1]!)}; img-src data:; base-uri 'none'; form-action 'none'`,
  )
})

test('a title is a title', () => {
  expect(page).toContain('<title>a &lt;/title>&lt;script>alert(1)&lt;/script></title>')
  expect(page.match(/<script/g)).toHaveLength(2)
})
