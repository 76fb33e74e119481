/**
 * What the documents show is printed again and compared (numbers of seconds aside). `npm run update` writes it anew (for the documents alone:
 * `UPDATE_DOCS=1 npx vitest run test/docs test/scenarios/expected.test.ts`).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atDeskIn, type Outcome } from '../cli/at-desk.ts'
import { searches } from '../scenarios/searches.ts'
import { blocks, clear, desk, lay } from './desk.ts'
import { documents, read, rewrite, updating } from './pages.ts'

beforeAll(lay)
afterAll(clear)

const relock = (...words: readonly string[]): Promise<Outcome> =>
  atDeskIn(desk, words, {}, words[0] === 'compare' ? { elsewhere: searches } : {})

/** A command after `$` and what it prints. */
const shown = blocks
  .filter(({ language }) => language === 'console')
  .flatMap((block) => {
    const [, command = '', output = ''] = /^\$ npx relock (.*?)\n(.*)$/s.exec(block.text) ?? []
    return [{ ...block, command, output }]
  })

/** The words of a command line; quotes hold some together. */
const wordsOf = (command: string): string[] =>
  [...command.replaceAll('\\\n', '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)

/** Without seconds, which may also decide where the first line breaks. */
const masked = (text: string): string =>
  text
    .replace(/\b\d+(?:\.\d+)? m?s\b/g, '0.0 s')
    .replace(/(?: ·|\n {3}) 0\.0 s/g, ' · 0.0 s')
    .trimEnd()

describe('what is shown is what is printed', () => {
  test.for(shown.map((each) => [`${each.document}: relock ${each.command}`, each] as const))(
    '%s',
    async ([, { document, command, output, text }]) => {
      expect(command, 'a console block begins with `$ npx relock …`').not.toBe('')
      const words = wordsOf(command)
      // Who searches for long says on the error stream how far he is.
      const quiet = ['explore', 'show', 'compare'].includes(words[0]!) ? ['--quiet'] : []
      const { out: printed, err, code } = await relock(...words, ...quiet)
      expect([err, code === 2 || code === 4]).toEqual(['', false])
      if (updating && masked(printed) !== masked(output))
        rewrite(document, text, text.slice(0, text.length - output.length) + `${printed.trimEnd()}\n`)
      else expect(masked(output)).toBe(masked(printed))
    },
  )
})

/** A picture of a run: the command that finds the run, which of its claims and findings it is, the lanes that are drawn. */
const pictures = documents.flatMap((document) =>
  [...read(document).matchAll(/<!-- picture: relock (.*?) \| (.*?) \| (.*?) -->\n```mermaid\n(.*?)^```$/gms)].map(
    ([whole, command = '', title = '', lanes = '', text = '']) => ({
      ...{ document, whole, command, title, text },
      lanes: lanes.split(', '),
    }),
  ),
)

/** Of a sequence diagram the lanes that are named, in this order, and what happens in and between them. */
const drawn = (diagram: string, lanes: readonly string[]): string => {
  const [kind, ...lines] = diagram.trimEnd().split('\n')
  const participants = lanes.map((lane) => lines.find((line) => line.endsWith(` as ${lane}`)))
  const kept = new Set(participants.map((line) => /P\d+/.exec(line ?? lines.join('\n'))![0]))
  expect(kept.size, `lanes of\n${diagram}`).toBe(lanes.length)
  const outermost = [...kept].filter((_, at) => at === 0 || at === kept.size - 1)
  // The box around the window, and what stands in it over all lanes, are there for any of them.
  const concerns = (line: string): readonly string[] =>
    /^ +(?:rect .*|end)$/.test(line)
      ? []
      : (/^ +(?:Note over )?(P\d+)(?:-(?:>>|x)(P\d+))?/.exec(line)?.slice(1).filter(Boolean) ?? [''])
  const shown = lines
    .map((line) => line.replace(/^( +Note over )P\d+,P\d+(: between the unlock)/, `$1${outermost.join()}$2`))
    .filter((line) => concerns(line).every((each) => kept.has(each)))
  return [kind, ...participants, ...shown].join('\n')
}

/** A picture of a machine: the command that draws it, and what is left out: transitions that leave a state as it is (`loops`), `actions`. */
const charts = documents.flatMap((document) =>
  [...read(document).matchAll(/<!-- chart: relock (.*?)(?: \| without (.*?))? -->\n```mermaid\n(.*?)^```$/gms)].map(
    ([whole, command = '', without = '', text = '']) => ({
      ...{ document, whole, command, text },
      without: without.split(' and '),
    }),
  ),
)

/** Of a state diagram what is not left out; a title is for who has nothing but the file. */
const charted = (diagram: string, without: readonly string[]): string =>
  diagram
    .replace(/^---\n.*?^---\n/ms, '')
    .split('\n')
    .filter((line) => !without.includes('loops') || !/^ +(\S+) --> \1 :/.test(line))
    .map((line) => (without.includes('actions') ? line.replace(/^( +\S+ --> \S+ : .*?) \/ .*$/, '$1') : line))
    .join('\n')

describe('what is drawn is what is exported', () => {
  test.for(charts.map((each) => [`${each.document}: relock ${each.command}`, each] as const))(
    '%s',
    async ([, { document, whole, command, without, text }]) => {
      const { out, err } = await relock(...wordsOf(command))
      expect(err).toBe('')
      const wanted = charted(out, without)
      if (updating && wanted !== text)
        rewrite(
          document,
          whole,
          whole.replace(text, () => wanted),
        )
      else expect(text).toBe(wanted)
    },
  )

  test.for(pictures.map((each) => [`${each.document}: ${each.title}`, each] as const))(
    '%s',
    async ([, { document, whole, command, title, lanes, text }]) => {
      const found = JSON.parse((await relock(...wordsOf(command), '--json')).out) as {
        address?: string
        findings?: readonly { title: string; address: string }[]
        properties?: readonly { name: string; address: string }[]
      }
      const { findings = [], properties = [] } = found
      const shows = [...findings.map((each) => ({ ...each, name: each.title })), ...properties]
      const address = found.address ?? shows.find(({ name }) => name === title)?.address
      expect(address, `among ${shows.map(({ name }) => name).join('; ')}`).toBeDefined()
      const { out } = await relock('export', 'mermaid', address!)
      const wanted = `${drawn(out, lanes)}\n`
      if (updating && wanted !== text)
        rewrite(
          document,
          whole,
          whole.replace(text, () => wanted),
        )
      else expect(text).toBe(wanted)
    },
  )
})
