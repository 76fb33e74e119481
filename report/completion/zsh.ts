/** For zsh, in the words of its own _arguments. */
import { grouped, type OfferedOption, type Place, type Verb } from './words.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Within a specification a colon ends a part, and a bracket what is said of it. */
const said = (about: string): string => about.replace(/[[\]:\\]/g, '\\$&')

/** Whether an option may do without it makes no difference. */
const keyOf = ({ words, files }: Place): string => JSON.stringify({ words, files })

export const zsh = (verbs: readonly Verb[]): string => {
  const places = grouped(
    verbs.flatMap(({ places: all, options }) => [...all, ...options.flatMap(({ takes }) => takes ?? [])]),
    keyOf,
  ).map(([place]) => place)
  const keys = places.map(keyOf)
  const functionOf = (place: Place): string => `_relock_${keys.indexOf(keyOf(place))}`
  const spec = ({ names, about, takes }: OfferedOption): readonly string[] =>
    takes
      ? names.map((name) => quoted(`*${name}=${takes.beside ? '-' : ''}[${said(about)}]: :${functionOf(takes)}`))
      : names.map((name) => quoted(`(${names.join(' ')})${name}[${said(about)}]`))
  return `#compdef relock
# relock in zsh: a file _relock in a folder of $fpath, or eval "$(relock completion zsh)" after compinit.

${places
  .map((place) => {
    const words = place.words.length === 0 ? '' : `compadd -- ${place.words.join(' ')}`
    const files = place.files ? '_files' : ''
    const does = [words, files].filter((each) => each !== '').join(' || ')
    return `${functionOf(place)}() { ${does === '' ? '_message value' : does} }`
  })
  .join('\n')}

_relock() {
  if ((CURRENT == 2)); then
    local -a verbs=(
${verbs.map(({ name, about }) => `      ${quoted(`${name}:${said(about)}`)}`).join('\n')}
    )
    _describe verb verbs
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${verbs
  .map(
    ({ name, options, places: all, repeats }) => `    ${name})
      _arguments -S \\
${[
  ...options.flatMap(spec),
  ...all.map((place, at) => quoted(`${repeats && at === all.length - 1 ? '*' : at + 1}: :${functionOf(place)}`)),
]
  .map((line) => `        ${line}`)
  .join(' \\\n')}
      ;;`,
  )
  .join('\n')}
  esac
}

if [[ $funcstack[1] == _relock ]]; then _relock "$@"; else compdef _relock relock; fi
`
}
