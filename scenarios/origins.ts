/**
 * How things were made with functions of ours. Two that were made in the same way are the same, even where what they do is functions: so a
 * procedure of a file that was read again is known again, if it is written as it was.
 *
 * Of a function of the user's the text says what it does only if it uses nothing but what it is given. Of any other nothing is claimed.
 */
import { atom } from '../explore/states/canonical.ts'

export class Origins {
  /** One text for one way to make it, as it was when that was done; undefined: who knows. */
  readonly #texts = new WeakMap<object, string | undefined>()
  /** Of a machine, that of the procedure which it is of. */
  readonly #machines = new WeakMap<object, string | undefined>()

  /** The same module, of whose functions it is remembered what they were given. */
  noting(door: string, module: object): object {
    const noted = Object.entries(module).map(([name, value]: [string, unknown]) => [
      name,
      isFunction(value) ? this.#noting(`${door} ${name}`, value) : value,
    ])
    return Object.fromEntries(noted) as object
  }

  /** The same machine, or one that was made in the same way. */
  isSame(one: object, other: object): boolean {
    const text = this.#machines.get(one)
    return one === other || (text !== undefined && text === this.#machines.get(other))
  }

  #noting(by: string, making: Making): Making {
    return new Proxy(making, {
      apply: (_, self, given: readonly unknown[]) => {
        const text = inBrackets(
          by,
          given.map((each) => this.#textOf(each)),
        )
        const made: unknown = Reflect.apply(making, self, given)
        if (isObject(made) && !this.#texts.has(made)) {
          this.#texts.set(made, text)
          if ('machine' in made && isObject(made.machine)) this.#machines.set(made.machine, text)
        }
        return made
      },
    })
  }

  #textOf(value: unknown): string | undefined {
    if (typeof value === 'symbol') return undefined
    if (!isObject(value)) return atom(value)
    if (this.#texts.has(value)) return this.#texts.get(value)
    if (isFunction(value)) return Object.keys(value).length > 0 ? undefined : closed(String(value))
    if (Object.getOwnPropertySymbols(value).length > 0) return undefined
    if (Array.isArray(value))
      return inBrackets(
        'list',
        value.map((each) => this.#textOf(each)),
      )
    if (Object.getPrototypeOf(value) !== Object.prototype) return undefined
    return inBrackets(
      '',
      Object.entries(value).flatMap(([name, each]) => [atom(name), this.#textOf(each)]),
    )
  }
}

type Making = (...given: readonly unknown[]) => unknown

const inBrackets = (head: string, parts: readonly (string | undefined)[]): string | undefined =>
  parts.includes(undefined) ? undefined : `${head}(${parts.join(',')})`

const isFunction = (value: unknown): value is Making => typeof value === 'function'
const isObject = (value: unknown): value is object => isFunction(value) || (typeof value === 'object' && value !== null)

const arrow = /^(?:\(([\w\s,{}]*)\)|(\w+))\s*=>\s*([^]+)$/
const texts = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g
const words = /(?<![\w$])[A-Za-z_$][\w$]*/g
const constants = ['true', 'false', 'null', 'typeof']

/**
 * The text of an arrow function in which every name is one of its parameters; undefined for whatever else it may be. What might be a name and
 * is not looked for (in templates, behind a slash, in other alphabets) makes it none.
 */
const closed = (text: string): string | undefined => {
  const [, several, single, body = ''] = arrow.exec(text) ?? []
  if (body === '') return undefined
  const bound = new Set([...((several ?? single ?? '').match(words) ?? []), ...constants])
  const left = body.replaceAll(texts, "''").replaceAll('...', ' ')
  // oxlint-disable-next-line no-control-regex
  if (/[`/\\]|[^\u0000-\u007f]/.test(left)) return undefined
  const names = left.replaceAll(/\.\s*[A-Za-z_$][\w$]*/g, '').match(words) ?? []
  return names.every((name) => bound.has(name)) ? `function ${JSON.stringify(text)}` : undefined
}
