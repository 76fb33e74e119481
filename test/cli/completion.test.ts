/** What Tab offers behind `relock`: asked of a real bash; of zsh and fish where they are. */
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../../cli/program.ts'
import { catalogue } from '../../machines/catalogue.ts'
import { choiceNames, knownChoices } from '../../scenarios/choices.ts'
import { families } from '../../scenarios/families.ts'
import { scenarios } from '../../scenarios/index.ts'
import { silentDesk } from './at-desk.ts'
import { forget, relockIn, scratch } from './run.ts'

const shells = ['bash', 'zsh', 'fish'] as const
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', ':']).status === 0

const ask = (shell: (typeof shells)[number], ...words: readonly string[]): string =>
  execFileSync(shell, words, { encoding: 'utf8' })

const folder = scratch()
afterAll(() => forget(folder))
const relock = relockIn(folder)
const scriptOf = (shell: string): string => join(folder, `relock.${shell}`)

beforeAll(async () => {
  for (const shell of shells) writeFileSync(scriptOf(shell), (await relock(['completion', shell])).out)
})

/** What bash is offered for the last of these words, which it has split as it does: `--unmap=x` are three of them. */
const inBash = (...words: readonly string[]): readonly string[] => {
  const asked = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _relock; printf '%s\\n' "\${COMPREPLY[@]}"`
  const said = ask('bash', '-c', asked, scriptOf('bash'), 'relock', ...words)
  return said.split('\n').filter((line) => line !== '')
}

const root = program(silentDesk(), () => {})
const verbs: readonly Command[] = root.createHelp().visibleCommands(root)
const verb = (name: string): Command => verbs.find((each) => each.name() === name)!
const optionsOf = (command: Command): readonly string[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map(({ long }) => long!)

const names = scenarios.map(({ name }) => name)
const groups = Object.keys(families)
const sorted = (words: readonly string[]): readonly string[] => words.toSorted()

describe('in bash', () => {
  test('first come the verbs, all of them', () => {
    expect(inBash('')).toEqual([...verbs.map((each) => each.name()), '--help', '--version'])
    expect(inBash('ex')).toEqual(['explore', 'export'])
  })

  test.each(verbs.map((each) => each.name()))('behind %s and a dash its options, all of them', (name) => {
    const offered = name === 'help' ? [] : optionsOf(verb(name))
    expect(sorted(inBash(name, '-'))).toEqual(sorted(offered))
  })

  test('stories, families and `all` are offered to the verbs that take them', () => {
    expect(sorted(inBash('list', ''))).toEqual(sorted([...groups, ...names]))
    expect(sorted(inBash('explore', ''))).toEqual(sorted([...groups, 'all', ...names]))
    expect(sorted(inBash('compare', ''))).toEqual(sorted([...groups, ...names]))
    for (const name of ['show', 'lockdep']) expect(sorted(inBash(name, ''))).toEqual(sorted(names))
  })

  test('as many as one likes, where a verb takes many', () => {
    expect(inBash('explore', 'stale-dma', 'late-p')).toEqual(['late-pin'])
    expect(inBash('show', 'stale-dma', 'late-p')).toEqual([])
    expect(inBash('compare', 'unmap', 'late-p')).toEqual([])
  })

  test('formats first, machines behind them, whatever options stand between', () => {
    expect(inBash('export', 's')).toEqual(['scxml', 'smcat', 'sanitizer', 'shiviz'])
    expect(sorted(inBash('export', 'dot', ''))).toEqual(sorted(Object.keys(catalogue)))
    expect(inBash('export', '--lanes', 'vmm0', 'mermaid', 'mut')).toEqual(['mutex'])
    expect(inBash('export', '--lanes', '=', 'vmm0', 'mermaid', 'mut')).toEqual(['mutex'])
    expect(sorted(inBash('machines', ''))).toEqual(sorted(Object.keys(catalogue)))
  })

  test.each(choiceNames)(
    'behind --%s every value that a story or a file of one’s own has, and each of them can be chosen',
    (name) => {
      const told = scenarios.flatMap(({ choices: { options } }) => options[name]?.values ?? [])
      const values = new Set(told.length > 0 ? told : knownChoices[name].values)
      expect(values.size).toBeGreaterThan(1)
      expect(new Set(inBash('explore', 'stale-dma', `--${name}`, ''))).toEqual(values)
      expect(new Set(inBash('explore', 'stale-dma', `--${name}`, '='))).toEqual(values)
    },
  )

  test('a value is completed behind a blank and behind a `=`', () => {
    expect(inBash('compare', '--unmap', 'per-r')).toEqual(['per-request'])
    expect(inBash('compare', '--unmap', '=', 'per-r')).toEqual(['per-request'])
    expect(inBash('explore', '--strategy', 'p')).toEqual(['preemptions', 'pct', 'pos', 'portfolio'])
    expect(inBash('lockdep', '--picture', '')).toEqual(['mermaid', 'dot'])
    expect(inBash('check', '--reporter', 'j')).toEqual(['junit'])
  })

  test('what need not be given is no value of the option before it', () => {
    expect(inBash('explore', '--html', 'late-p')).toEqual(['late-pin'])
    expect(inBash('explore', '--html', '=', 'late-p')).toEqual([])
  })

  test('nothing is offered that begins otherwise, so that bash completes a file', () => {
    expect(inBash('explore', './ra')).toEqual([])
    expect(inBash('replay', '')).toEqual([])
  })
})

test('every argument of every verb has words, or is a file', () => {
  const open = verbs.flatMap((command) =>
    command.registeredArguments.map((argument, at) => ({ verb: command.name(), argument: argument.name(), at })),
  )
  const silent = open.filter(({ verb: name, at }) => inBash(name, ...Array<string>(at).fill('x'), '').length === 0)
  // Claims have blanks in them; the others are files.
  const files = ['address', 'file', 'path']
  const odd = silent.filter(({ argument }) => !files.includes(argument))
  expect(odd.map(({ verb: name, argument }) => `${name} ${argument}`)).toEqual(['show property'])
})

test.each(shells)('the script for %s has every verb, option, story, family and machine in it', async (shell) => {
  const { out, err, code } = await relock(['completion', shell])
  expect({ err, code }).toEqual({ err: '', code: 0 })
  const words = new Set(out.split(/[^\w.+/-]+/))
  const options = verbs.flatMap((each) => (each.name() === 'help' ? [] : optionsOf(each)))
  const asTyped = shell === 'fish' ? options.map((option) => option.slice(2)) : options
  const all = [...verbs.map((each) => each.name()), ...asTyped, ...names, ...groups, ...Object.keys(catalogue)]
  expect(all.filter((word) => !words.has(word))).toEqual([])
})

test.each(shells.filter(isThere))('%s finds nothing to complain of in its script', (shell) => {
  const { status, stderr } = spawnSync(shell, ['-n', scriptOf(shell)], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test.runIf(isThere('fish'))('fish offers the same', () => {
  const inFish = (line: string): readonly string[] =>
    ask('fish', '-N', '-c', 'source $argv[1]; complete -C $argv[2]', scriptOf('fish'), line)
      .split('\n')
      .flatMap((said) => said.split('\t')[0] || [])
  expect(inFish('relock ex')).toEqual(['explore', 'export'])
  expect(inFish('relock compare --unmap per-r')).toEqual(['per-request'])
  expect(inFish('relock compare --unmap=per-r')).toEqual(['--unmap=per-request'])
  expect(inFish('relock explore stale-dma late-p')).toEqual(['late-pin'])
  expect(inFish('relock export dot mut')).toEqual(['mutex'])
  expect(inFish('relock check --para')).toEqual(['--parallel'])
})

test('an unknown shell is answered with those there are', async () => {
  const { err, code } = await relock(['completion', 'tcsh'])
  expect(code).toBe(2)
  expect(err.replace(/\s+/g, ' ')).toContain('Allowed choices are bash, zsh, fish.')
})
