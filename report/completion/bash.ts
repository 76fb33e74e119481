/** For bash, 3.2 and newer. */
import { grouped, type Place, type Verb } from './words.ts'

/** One arm of a `case`. */
const arm = (patterns: readonly string[], does: string): string => `      ${patterns.join(' | ')}) ${does} ;;`

const offers = ({ words }: Place): string => (words.length === 0 ? ':' : `words='${words.join(' ')}'`)

export const bash = (verbs: readonly Verb[]): string => {
  const options = verbs.map(({ name, options: all }) => ({ name, names: all.map(({ names: [long] }) => long) }))
  const values = verbs.flatMap(({ name, options: all }) =>
    all.flatMap(({ names, takes }) => names.map((option) => ({ is: `'${name} ${option}'`, takes }))),
  )
  const places = verbs.flatMap(({ name, places: all, repeats }) =>
    all.map((place, at) => ({ is: repeats && at === all.length - 1 ? `"${name} "*` : `'${name} ${at}'`, place })),
  )
  return `# relock in bash: eval "$(relock completion bash)", or write it to a file of bash-completion's.

# What an option takes; fails for one that takes nothing, or only behind a "=".
_relock_value() {
    case "$1" in
${grouped(
  values.filter(({ takes }) => takes),
  ({ takes }) => takes,
)
  .map((group) =>
    arm(
      group.map(({ is }) => is),
      `${offers(group[0].takes!)}; ${group[0].takes!.beside ? '[[ $2 == = ]]' : 'true'}`,
    ),
  )
  .join('\n')}
      *) false ;;
    esac
}

_relock() {
  local IFS=$' \\t\\n' word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} behind= verb=\${COMP_WORDS[1]}
  local words= at=0 i
  # To bash, \`--unmap=gated\` is three words.
  if [[ $word == = ]]; then
    word= behind='='
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]} behind='='
  fi
  if ((COMP_CWORD == 1)); then
    words='${verbs.map(({ name }) => name).join(' ')} --help --version'
  elif _relock_value "$verb $before" "$behind"; then
    :
  elif [[ $word == -* ]]; then
    case "$verb" in
${grouped(options, ({ names }) => names)
  .map((group) =>
    arm(
      group.map(({ name }) => name),
      `words='${group[0].names.join(' ')}'`,
    ),
  )
  .join('\n')}
    esac
  else
    for ((i = 2; i < COMP_CWORD; i++)); do
      case "\${COMP_WORDS[i]}" in
        [=:]) ((i++)) ;;
        -*) if [[ \${COMP_WORDS[i + 1]} != = ]] && _relock_value "$verb \${COMP_WORDS[i]}" ''; then ((i++)); fi ;;
        *) ((at++)) ;;
      esac
    done
    words=
    case "$verb $at" in
${grouped(places, ({ place }) => place)
  .map((group) =>
    arm(
      group.map(({ is }) => is),
      offers(group[0].place),
    ),
  )
  .join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}

# What fits no word is a file.
complete -o default -F _relock relock
`
}
