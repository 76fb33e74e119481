/** One file that shows itself: it asks nobody for anything, and nothing runs in it but what its policy names by its digits. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { visible } from '../../report/words.ts'
import type { PageData } from '../data.ts'

/** What the build made of `view/`: beside this file as it runs, bundled, built, and as a source. */
const places = ['../page/', './page/', '../', '../../dist/page/'] as const

const built = (name: string): string => {
  const paths = places.map((place) => fileURLToPath(new URL(place + name, import.meta.url)))
  return readFileSync(paths.find((path) => existsSync(path)) ?? paths[0]!, 'utf8')
}

const digits = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** JSON that ends no script and no line, whatever is in it. */
export const embedded = (data: unknown): string =>
  JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)

const asText = (text: string): string =>
  visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export const html = (data: PageData, title: string): string => {
  const [script, style] = [built('app.js'), built('app.css')]
  const policy = [
    "default-src 'none'",
    `script-src ${digits(script)}`,
    `style-src ${digits(style)}`,
    'img-src data:',
    ...(data.served ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${asText(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This report is drawn by a script in this file, and scripts are turned off.</noscript></div>
<script type="application/json" id="data">${embedded(data)}</script>
<script type="module">${script}</script>
</body>
</html>
`
}
