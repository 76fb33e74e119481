/** What the documents name exists: files, functions, options; and what they count are so many. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as kernelWords from '../../kernel/index.ts'
import { choiceNames } from '../../scenarios/choices.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { documents, fence, read, rewrite, root, updating } from './pages.ts'

const small =
  'none one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const tens = 'none ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
/** Up to ninety-nine. */
const inWords = (number: number): string => {
  if (number < 20) return small[number]!
  const ten = tens[Math.floor(number / 10)]!
  return number % 10 === 0 ? ten : `${ten}-${small[number % 10]}`
}

test('numbers in the prose are those of the scenarios', () => {
  const mutants = scenarios.filter(({ mutantOf }) => mutantOf !== undefined)
  const told = `${inWords(scenarios.length - mutants.length)} scenarios and ${inWords(mutants.length)} mutants of them`
  const said = /[\w-]+ scenarios and [\w-]+ mutants of them/.exec(read('CHANGELOG.md'))![0]
  if (updating && said.toLowerCase() !== told) rewrite('CHANGELOG.md', said, told[0]!.toUpperCase() + told.slice(1))
  else expect(said.toLowerCase()).toBe(told)
  const [two, three, four] = [2, 3, 4].map((many) =>
    findScenario('stale-dma')!
      .expected.find(({ unmap, tasks = 2 }) => unmap === 'restart' && tasks === many)!
      .states.toLocaleString('en-US'),
  )
  expect(read('docs/WRITING-A-SCENARIO.md')).toContain(
    `Two unmaps are ${two} states under \`restart\`, three ${three}, four ${four}`,
  )
})

describe('what is named exists', () => {
  const told = [
    'README.md',
    'CHANGELOG.md',
    'GLOSSARY',
    'ARCHITECTURE',
    'DECISIONS',
    'DEVICE-MEMORY',
    'SHARED-VIRTUAL-MEMORY',
    'FIDELITY',
    'CONFORMANCE',
    'READING-A-REPORT',
    'TESTS',
    'WRITING-A-SCENARIO',
  ]
    .map((name) => (name.endsWith('.md') ? name : `docs/${name}.md`))
    .filter((file) => documents.includes(file))
  const sourceFiles = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !['node_modules', 'dist', '.git', 'test', 'docs', 'bench'].includes(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((file) =>
            join(entry.name, file),
          )
        : [entry.name],
    )
    .filter((file) => /\.(?:ts|json)$/.test(file) && file !== 'package-lock.json')
  const words = new Set(sourceFiles.flatMap((file) => read(file).match(/[\w$]+/g) ?? []))
  const spans = (document: string): string[] =>
    [
      ...read(document)
        .replaceAll(fence, '')
        .matchAll(/`([^`\n]+)`/g),
    ].map(([, text]) => text!)

  test.for(told)('files named in %s', (document) => {
    const paths = spans(document).filter(
      (text) => /^\w[\w./-]*\.(?:ts|md|json|pml)$/.test(text) && !text.startsWith('my-'),
    )
    const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to]) => to!)
    const homes = ['', 'machines', 'docs', dirname(document)]
    const missing = [...paths, ...links].filter((path) => !homes.some((home) => existsSync(join(root, home, path))))
    expect(missing).toEqual([])
  })

  test.for(told)('functions named in %s', (document) => {
    const called = spans(document).flatMap((text) => /^(?:\w+\.)*(\w+)\(/.exec(text)?.[1] ?? [])
    const kernels = /^(?:vfio|iommufd|iopt|mutex|blocking|BUG|WARN|RB|kfree|down|up|drivers)/
    expect(called.filter((name) => !kernels.test(name) && !words.has(name))).toEqual([])
  })

  test.for(told)('options and verbs named in %s', (document) => {
    const cli = readdirSync(join(root, 'cli'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`cli/${file}`))
      .join('\n')
    const text = read(document)
    const options = [...text.matchAll(/`--(?:no-)?([a-z-]+)/g)].map(([, name]) => name!)
    const known = (name: string): boolean =>
      choiceNames.some((choice) => choice === name) || new RegExp(`--(?:no-)?${name}\\b|number\\('${name}'`).test(cli)
    expect(options.filter((name) => !known(name))).toEqual([])
    const verbs = [...text.matchAll(/(?:`|npx )relock ([a-z]+)/g)].map(([, name]) => name!)
    expect(verbs.filter((name) => !cli.includes(`command('${name}`))).toEqual([])
  })
})

test('every word of relock/kernel stands in its page by its whole name, for whoever looks for it', () => {
  const page = new Set(read('docs/OWN-RACES.md').match(/\w+/g))
  const words = Object.keys(kernelWords)
  expect(words.length).toBeGreaterThan(300)
  expect(words.filter((word) => !page.has(word))).toEqual([])
})
