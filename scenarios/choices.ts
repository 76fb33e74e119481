/**
 * What a person may choose: every name there is, in the order in which addresses give them (`tasks`, a number, comes last). A scenario says
 * which of them it has, and their values; everything else (options, addresses, lists, documents) goes by this list.
 */
import type { Protocol } from '../actors/vfio/protocols.ts'
import type { ProfileName } from '../machines/profile.ts'

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
}

export type ChoiceName = keyof Values

interface Known {
  /** What stands for the value in a help text. */
  readonly argument: string
  /** What a value is called. */
  readonly what: string
  readonly about: string
  /** Told as another form of the story, which `relock compare` sets beside this one. `unsaid`: the value that names no form of its own. */
  readonly form?: { readonly unsaid?: string }
}

export const knownChoices: Readonly<Record<ChoiceName, Known>> = {
  unmap: { argument: 'protocol', what: 'protocol', about: 'unmap protocol', form: {} },
  profile: { argument: 'kernel', what: 'profile', about: 'kernel, of stories told on several', form: {} },
  protocol: { argument: 'name', what: 'protocol', about: 'protocol, of families other than unmap', form: {} },
  as: { argument: 'form', what: 'form', about: 'a series as posted, or repaired', form: { unsaid: 'posted' } },
  memory: { argument: 'what', what: 'choice', about: 'mappings on memory disable or reset: keep, unmap, revoke' },
  platform: { argument: 'how', what: 'choice', about: 'an Unsupported Request or IOMMU fault: logged, fatal' },
  device: { argument: 'answer', what: 'choice', about: 'a device told to stop using a PASID: flushed, clean, silent' },
  user: { argument: 'how', what: 'choice', about: 'a user done with a PASID: unbinds, forgets, lies' },
  pasids: { argument: 'n', what: 'choice', about: 'how many PASIDs there are: 1, 2, 3' },
}

export const choiceNames = Object.keys(knownChoices) as ChoiceName[]
const formNames = choiceNames.filter((name) => knownChoices[name].form)
/** What the columns of a family's table may be. */
export const columnNames = formNames.filter((name) => knownChoices[name].form!.unsaid === undefined)

export type Choices = { readonly [Name in ChoiceName]?: Values[Name] } & {
  /** How many tasks do the racing thing (what exactly is the scenario's to say). */
  readonly tasks: number
}

type Asked = Partial<Choices>

/** One of these is chosen. */
export interface Option<Value extends string = string> {
  readonly values: readonly Value[]
  /** Default: the first. */
  readonly byDefault?: Value
  /** What happens when nothing is chosen: there is no default then. */
  readonly otherwise?: string
  /** Only together with one of these values of choices before it: `{ protocol: ['vma-ops'] }`. */
  readonly only?: { readonly [Name in ChoiceName]?: readonly Values[Name][] }
}

export type Options = { readonly [Name in ChoiceName]?: Option<Values[Name]> }

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

/** Options as one list, whatever their values: in the order of addresses. */
const listed = (options: Options): readonly (readonly [ChoiceName, Option])[] =>
  choiceNames.flatMap((name) => {
    const option: Option | undefined = options[name]
    return option ? [[name, option] as const] : []
  })

const applies = ({ only = {} }: Option, chosen: Asked): boolean =>
  Object.entries(only).every(([name, values]) => (values as readonly unknown[]).includes(chosen[name as ChoiceName]))

/** What comes of what was asked for: defaults where nothing was, and nothing that does not apply. The values are not looked at. */
export const decided = ({ options, default: byDefault }: Choosing, asked: Asked = {}): Choices => ({
  ...chosenOf(options, asked),
  tasks: asked.tasks ?? byDefault.tasks,
})

const chosenOf = (options: Options, asked: Asked): Asked =>
  listed(options).reduce<Asked>((chosen, [name, option]) => {
    const { values, byDefault = values[0], otherwise } = option
    const value = asked[name] ?? (otherwise === undefined ? byDefault : undefined)
    return value === undefined || !applies(option, chosen) ? chosen : { ...chosen, [name]: value }
  }, {})

export const choosing = (options: Options = {}, { least, most, byDefault = least }: Tasks = one): Choosing => ({
  options,
  tasks: { least, most },
  default: { ...chosenOf(options, {}), tasks: byDefault },
})

const one: Tasks = { least: 1, most: 1 }

/** Every protocol, kernel and form of these that a scenario is told in, or those of them that are asked for. */
export const formsOf = (
  { choices: { options } }: { readonly choices: Choosing },
  asked: Asked = {},
): readonly Asked[] =>
  listed(options)
    .filter(([name]) => formNames.includes(name))
    .reduce<readonly Asked[]>(
      (forms, [name, option]) =>
        forms.flatMap((form) =>
          applies(option, form)
            ? option.values
                .filter((value) => asked[name] === undefined || asked[name] === value)
                .map((value): Asked => ({ ...form, [name]: value }))
            : [form],
        ),
      [{}],
    )

/** The name of the form that was chosen: `restart`, `6.1`, `vma-ops repaired`. */
export const formOf = (chosen: Asked): string =>
  formNames
    .map((name) => chosen[name])
    .filter((value, index) => value !== undefined && value !== knownChoices[formNames[index]!].form!.unsaid)
    .join(' ')
