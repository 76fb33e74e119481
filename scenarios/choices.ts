/**
 * What a person may choose: the names that relock's own stories use, in the order in which addresses give them. A scenario says which of them
 * it has, and their values; everything else (options, addresses, lists, documents) goes by this list. A scenario may have choices with names
 * of its own, too: they come behind these, as it lists them (`tasks`, a number, comes last), and each of their values is another form of it.
 */
import { protocolNames, type Protocol } from '../actors/kernel/unmap/protocol-names.ts'
import { profileNames, type ProfileName } from '../machines/profile.ts'

interface Values {
  readonly unmap: Protocol
  readonly profile: ProfileName
  /** Each family has its own. */
  readonly protocol: string
  readonly as: 'posted' | 'repaired'
  readonly memory: 'keep' | 'unmap' | 'revoke'
  readonly platform: 'logged' | 'fatal'
  readonly device: 'flushed' | 'clean' | 'silent'
  readonly user: 'unbinds' | 'forgets' | 'lies'
  readonly pasids: '1' | '2' | '3'
  readonly semantics: 'process' | 'network'
}

export type ChoiceName = keyof Values

interface About {
  /** What stands for the value in a help text. */
  readonly argument: string
  /** What a value is called. */
  readonly what: string
  readonly about: string
  /** Told as another form of the story, which `relock compare` sets beside this one. `unsaid`: the value that names no form of its own. */
  readonly form?: { readonly unsaid?: string }
}

type Known = { readonly [Name in ChoiceName]: About & { readonly values: readonly Values[Name][] } }

export const knownChoices: Known = {
  unmap: { values: protocolNames, argument: 'protocol', what: 'protocol', about: 'unmap protocol', form: {} },
  profile: {
    values: profileNames,
    argument: 'kernel',
    what: 'profile',
    about: 'kernel, of stories told on several',
    form: {},
  },
  protocol: {
    // Each family has its own.
    values: [],
    argument: 'name',
    what: 'protocol',
    about: 'protocol, of families other than unmap',
    form: {},
  },
  as: {
    values: ['posted', 'repaired'],
    argument: 'form',
    what: 'form',
    about: 'a series as posted, or repaired',
    form: { unsaid: 'posted' },
  },
  memory: {
    values: ['keep', 'unmap', 'revoke'],
    argument: 'what',
    what: 'choice',
    about: 'mappings on memory disable or reset: keep, unmap, revoke',
  },
  platform: {
    values: ['logged', 'fatal'],
    argument: 'how',
    what: 'choice',
    about: 'an Unsupported Request or IOMMU fault: logged, fatal',
  },
  device: {
    values: ['flushed', 'clean', 'silent'],
    argument: 'answer',
    what: 'choice',
    about: 'a device told to stop using a PASID: flushed, clean, silent',
  },
  user: {
    values: ['unbinds', 'forgets', 'lies'],
    argument: 'how',
    what: 'choice',
    about: 'a user done with a PASID: unbinds, forgets, lies',
  },
  pasids: { values: ['1', '2', '3'], argument: 'n', what: 'choice', about: 'how many PASIDs there are: 1, 2, 3' },
  semantics: {
    values: ['process', 'network'],
    argument: 'which',
    what: 'semantics',
    about: 'XState actors that live together or apart: process, network',
  },
}

export const choiceNames = Object.keys(knownChoices) as ChoiceName[]

export const isKnown = (name: string): name is ChoiceName => Object.hasOwn(knownChoices, name)

/** What a value is called. */
export const whatOf = (name: string): string => (isKnown(name) ? knownChoices[name].what : name)

/** As it is typed on a command line, with one of its values; names of one's own have no option of their own there. */
export const asOption = (name: string, value?: string): string => {
  const isOwn = !isKnown(name) && name !== 'tasks'
  const option = isOwn ? `--choose ${name}` : `--${name}`
  return value === undefined ? option : `${option}${isOwn ? '=' : ' '}${value}`
}
const formNames = choiceNames.filter((name) => knownChoices[name].form)
/** What the columns of a family's table may be. */
export const columnNames = formNames.filter((name) => knownChoices[name].form!.unsaid === undefined)

/** What was chosen, or asked for, under the names that relock's own stories use. */
export type KnownChoices = { readonly [Name in ChoiceName]?: Values[Name] }

export type Choices = KnownChoices & {
  /** How many tasks do the racing thing (what exactly is the scenario's to say). */
  readonly tasks: number
  /** Under names of the scenario's own. */
  readonly [own: string]: string | number | undefined
}

export type Asked = Partial<Choices>

type Chosen = Readonly<Record<string, string>>

/** One of these is chosen. */
export interface Option<Value extends string = string> {
  readonly values: readonly Value[]
  /** Default: the first. */
  readonly byDefault?: Value
  /** What happens when nothing is chosen: there is no default then. */
  readonly otherwise?: string
  /** Only together with one of these values of other choices: `{ protocol: ['vma-ops'] }`. */
  readonly only?: { readonly [Name in ChoiceName]?: readonly Values[Name][] } & Readonly<
    Record<string, readonly string[]>
  >
}

export type Options = { readonly [Name in ChoiceName]?: Option<Values[Name]> } & Readonly<Record<string, Option>>

export interface Tasks {
  readonly least: number
  readonly most: number
  /** Default: the least. */
  readonly byDefault?: number
}

type ValueOf<O> = O extends { readonly values: readonly (infer Value)[] }
  ? O extends { readonly otherwise: string } | { readonly only: object }
    ? Value | undefined
    : Value
  : undefined

/** What is chosen where there are these options, as precisely as they say. */
export type ChosenFrom<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> } & {
  readonly tasks: number
}

/** What a scenario lets people choose. */
export interface Choosing {
  readonly options: Options
  readonly tasks: { readonly least: number; readonly most: number }
  readonly default: Choices
}

/** Names in the order of addresses: ours, then the scenario's own as it lists them. */
export const inOrder = (names: readonly string[]): readonly string[] => [
  ...choiceNames.filter((name) => names.includes(name)),
  ...names.filter((name) => !isKnown(name) && name !== 'tasks'),
  ...names.filter((name) => name === 'tasks'),
]

const listed = (options: Options): readonly (readonly [name: string, option: Option])[] =>
  inOrder(Object.keys(options)).flatMap((name) => {
    const option: Option | undefined = options[name]
    return option ? [[name, option] as const] : []
  })

/** The same, but each behind those it depends on (`only`). */
const decidable = (options: Options): ReturnType<typeof listed> => {
  const open = [...listed(options)]
  const isOpen = (name: string): boolean => open.some(([other]) => other === name)
  const done: (readonly [string, Option])[] = []
  while (open.length > 0) {
    const next = open.findIndex(([, { only = {} }]) => !Object.keys(only).some(isOpen))
    done.push(...open.splice(Math.max(0, next), 1))
  }
  return done
}

const applies = ({ only = {} }: Option, chosen: Chosen): boolean =>
  Object.entries<readonly string[]>(only).every(([name, values]) => values.includes(chosen[name] ?? ''))

/** What comes of what was asked for: defaults where nothing was, and nothing that does not apply. The values are not looked at. */
export const decided = ({ options, default: byDefault }: Choosing, asked: object = {}): Choices => {
  const { tasks = byDefault.tasks } = asked as Asked
  return { ...chosenOf(options, asked as Asked), tasks }
}

const chosenOf = (options: Options, asked: Asked): Chosen => {
  const chosen = decidable(options).reduce<Chosen>((so, [name, option]) => {
    const { values, byDefault = values[0], otherwise } = option
    const value = (asked[name] as string | undefined) ?? (otherwise === undefined ? byDefault : undefined)
    return value === undefined || !applies(option, so) ? so : { ...so, [name]: value }
  }, {})
  return Object.fromEntries(listed(options).flatMap(([name]) => (name in chosen ? [[name, chosen[name]!]] : [])))
}

export const choosing = (options: Options = {}, { least, most, byDefault = least }: Tasks = one): Choosing => ({
  options,
  tasks: { least, most },
  default: { ...chosenOf(options, {}), tasks: byDefault },
})

const one: Tasks = { least: 1, most: 1 }

const isForm = (name: string): boolean => !isKnown(name) || knownChoices[name].form !== undefined

/** Every protocol, kernel and form of these that a scenario is told in, or those of them that are asked for. */
export const formsOf = (
  { choices: { options } }: { readonly choices: Choosing },
  asked: object = {},
): readonly Asked[] =>
  decidable(options)
    .filter(([name]) => isForm(name))
    .reduce<readonly Chosen[]>(
      (forms, [name, option]) =>
        forms.flatMap((form) =>
          applies(option, form)
            ? valuesOf(option)
                .filter((value) => isAskedFor(asked as Asked, name, value))
                .map((value): Chosen => (value === undefined ? form : { ...form, [name]: value }))
            : [form],
        ),
      [{}],
    )

const isAskedFor = (asked: Asked, name: string, value: string | undefined): boolean =>
  asked[name] === undefined || asked[name] === value

/** Nothing, too, where that means something. */
const valuesOf = ({ values, otherwise }: Option): readonly (string | undefined)[] =>
  otherwise === undefined ? values : [undefined, ...values]

/** The name of the form that was chosen: `restart`, `6.1`, `vma-ops repaired`, `mutex`. */
export const formOf = (chosen: object): string => formAmong({}, chosen)

/** The same, of a scenario with these options: a value that two of them have stands behind the name of its own. */
export const formAmong = (options: Options, chosen: object): string => {
  const all = inOrder(Object.keys(chosen)).flatMap((name) => {
    const value = (chosen as Asked)[name]
    return name !== 'tasks' && isForm(name) && typeof value === 'string' ? [{ name, value }] : []
  })
  const said = all.filter(({ name, value }) => !isKnown(name) || value !== knownChoices[name].form!.unsaid)
  const isShared = (name: string, value: string): boolean =>
    !isKnown(name) && listed(options).some(([other, { values }]) => other !== name && values.includes(value))
  // What goes without saying is said where it is all there is to say.
  return (said.length > 0 ? said : all)
    .map(({ name, value }) => (isShared(name, value) ? `${name}=${value}` : value))
    .join(' ')
}

/** What forms are told apart by, in a word: the head of their column. */
export const headOf = (options: Options): string => {
  const names = listed(options).flatMap(([name]) => (isForm(name) ? [name] : []))
  const [first, ...others] = names
  if (first === undefined || columnNames.some((name) => names.includes(name))) return 'protocol'
  return others.length === 0 && !isKnown(first) ? first : 'form'
}
