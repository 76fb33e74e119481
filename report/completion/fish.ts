/** For fish, 3.4 and newer. */
import { grouped, type Place, type Verb } from './words.ts'

const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`

const offered = ({ words, files }: Place): string =>
  [files ? '-F' : '', words.length === 0 ? '' : `-a '${words.join(' ')}'`].filter((each) => each !== '').join(' ')

export const fish = (verbs: readonly Verb[]): string => {
  const options = verbs.flatMap(({ name, options: all }) => all.map((option) => ({ verb: name, option })))
  const places = verbs.flatMap(({ name, places: all, repeats }) =>
    all.map((place, at) => ({ verb: name, at, last: at === all.length - 1 && repeats, place })),
  )
  const of = (group: readonly { readonly verb: string }[]): string =>
    `__fish_seen_subcommand_from ${group.map(({ verb }) => verb).join(' ')}`
  return `# relock in fish: relock completion fish | source, or a file relock.fish among the completions of fish.

complete -c relock -f
complete -c relock -n __fish_use_subcommand -s h -l help -d help
complete -c relock -n __fish_use_subcommand -s V -l version -d 'the version'
${verbs
  .map(({ name, about }) => `complete -c relock -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`)
  .join('\n')}

${grouped(options, ({ option }) => option)
  .map((group) => {
    const { names, about, takes } = group[0].option
    const named = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
    const value = !takes || takes.beside ? '' : ` -r ${offered(takes)}`
    return `complete -c relock -n '${of(group)}' ${named.join(' ')} -d ${quoted(about)}${value}`.trimEnd()
  })
  .join('\n')}

${grouped(places, ({ at, last, place }) => ({ at, last, place }))
  .filter(([{ place }]) => offered(place) !== '')
  .map((group) => {
    const [{ at, last, place }] = group
    const when = last && at === 0 ? of(group) : `${of(group)}; and __fish_is_nth_token ${at + 2}`
    return `complete -c relock -n '${when}' ${offered(place)}`
  })
  .join('\n')}
`
}
