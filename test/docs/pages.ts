/** The documents, and what stands in them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const read = (file: string): string => readFileSync(join(root, file), 'utf8')

export const documents = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((file) => file.endsWith('.md'))

/** Is what is shown to be written anew, instead of compared? */
export const updating = process.env['UPDATE_DOCS'] === '1' || process.env['npm_lifecycle_event'] === 'update'

export const rewrite = (document: string, before: string, after: string): void =>
  writeFileSync(
    join(root, document),
    read(document).replace(before, () => after),
  )

/** What stands between two marks in a document. */
export const between = (document: string, name: string): string | undefined =>
  new RegExp(`(?<=<!-- ${name} -->\n).*?(?=<!-- /${name} -->)`, 's').exec(read(document))?.[0]

export const fence = /^```(?<language>\w+)(?: (?<file>\S+))?\n(?<text>.*?)^```$/gms
