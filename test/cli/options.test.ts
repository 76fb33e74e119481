/** Options mean what they say: every number has its range, and one that would do nothing is refused. Nothing is searched for here. */
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { withPaper, withRuns, withSearch, type Flags } from '../../cli/flags.ts'
import { number, numbers } from '../../cli/numbers.ts'
import { UserError } from '../../report/errors.ts'

/** What a command would be given; or what is complained of. */
const given = (...typed: readonly string[]): Flags => {
  const command = withRuns(withSearch(new Command('explore').argument('<scenario...>')))
  // Of `explore`, `check`, `swarm` and `worker`, which have no other numbers of their own.
  for (const name of ['workers', 'parallel', 'seeds', 'cut', 'attempts', 'lock'] as const)
    command.addOption(number(name))
  command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(() => {})
  return command.parse(['x', ...typed], { from: 'user' }).opts<Flags>()
}

const complaint = (...typed: readonly string[]): Error => {
  try {
    given(...typed)
  } catch (error) {
    return error as Error
  }
  throw new Error(`nothing is wrong with ${typed.join(' ')}`)
}

/** A strategy beside which the option does something. */
const beside = (name: string): readonly string[] =>
  ['seed', 'runs', 'preemptions'].includes(name)
    ? ['--strategy', 'pct']
    : name === 'delays'
      ? ['--strategy', 'delays']
      : []

describe.each(Object.entries(numbers))('--%s', (name, { least, most }) => {
  test('takes what is within its range', () => {
    for (const value of [least, least + 1, most - 1, most])
      expect(given(...beside(name), `--${name}`, `${value}`)).toMatchObject({ [name]: value })
  })

  test('refuses everything else, with its range', () => {
    const outside = [
      least - 1,
      most + 1,
      '',
      '-1',
      '+1',
      '1.5',
      '1e3',
      '0x10',
      '007',
      '00',
      ' 1',
      '1 ',
      'one',
      'NaN',
      '1'.repeat(400),
    ]
    for (const value of outside) {
      const error = complaint(...beside(name), `--${name}`, `${value}`)
      expect(error, `${value}`).toBeInstanceOf(UserError)
      expect(error.message).toContain(
        `--${name} ${value}: not a whole number from ${least.toLocaleString('en-US')} to `,
      )
      const attempt = (error as UserError).about.attempt!.split(' ')
      expect(given(...beside(name), ...attempt)).toBeDefined()
    }
  })
})

test('0 is no bound, and no other way to have none', () => {
  for (const name of ['states', 'depth', 'ms', 'runs', 'tasks'])
    expect(complaint(...beside(name), `--${name}`, '0').message).toContain(`--${name} 0: not a whole number from 1 to `)
})

test('who typed a number of threads that there cannot be is told one that this machine has', () => {
  const { attempt } = (complaint('--workers', '0') as UserError).about
  expect(attempt).toBe(`--workers ${Math.min(64, availableParallelism())}`)
})

test('a seed that the generators cannot tell from another one is none', () => {
  expect(complaint('--strategy', 'random', '--seed', '4294967297').message).toContain('from 0 to 4,294,967,295')
})

describe('an option that would do nothing is refused', () => {
  test.each([
    [['--seed', '5'], '--seed does nothing with --strategy breadth.'],
    [['--seed', '1'], '--seed does nothing with --strategy breadth.'],
    [['--runs', '5'], '--runs does nothing with --strategy breadth.'],
    [['--preemptions', '5'], '--preemptions does nothing with --strategy breadth.'],
    [['--preemptions', '5', '--strategy', 'random'], '--preemptions does nothing with --strategy random.'],
    [['--states', '5', '--strategy', 'random'], '--states does nothing with --strategy random.'],
    [['--depth', '5', '--strategy', 'preemptions'], '--depth does nothing with --strategy preemptions.'],
    [['--delays', '5', '--strategy', 'preemptions'], '--delays does nothing with --strategy preemptions.'],
    [['--goal', 'it', '--strategy', 'depth'], '--goal does nothing with --strategy depth.'],
    [['--strategy', 'directed'], '--strategy directed needs a goal.'],
    [['--no-reduction', '--strategy', 'pct'], '--no-reduction does nothing with --strategy pct.'],
    [['--json', '--list'], "option '--list' cannot be used with option '--json'"],
    [['--ascii', '--json'], "option '--ascii' cannot be used with option '--json'"],
    [['--choose', 'lock=mutex', '--choose', 'lock=spin'], '--choose lock=spin chooses lock twice.'],
  ])('%j', (typed, why) => {
    expect(complaint(...typed).message).toContain(why)
  })

  test('where it does something, it is taken', () => {
    expect(given('--strategy', 'random', '--seed', '0', '--runs', '1', '--depth', '9', '--ms', '9')).toBeDefined()
    expect(given('--strategy', 'pct', '--preemptions', '0', '--seed', '4294967295')).toBeDefined()
    expect(given('--strategy', 'preemptions', '--preemptions', '2', '--states', '9', '--seed', '3')).toBeDefined()
    expect(given('--strategy', 'delays', '--delays', '2')).toBeDefined()
    expect(given('--strategy', 'directed', '--goal', 'it')).toBeDefined()
    expect(given('--states', '1', '--depth', '1', '--no-reduction', '--json', '--all', '--quiet')).toBeDefined()
  })

  test('who tells no runs has no lanes and nothing to fold away', () => {
    const machines = withPaper(new Command('machines'))
      .exitOverride()
      .configureOutput({ outputError: () => {} })
    for (const option of ['--list', '--all'])
      expect(() => machines.parse([option], { from: 'user' })).toThrow(`unknown option '${option}'`)
  })
})
