/**
 * What components have written to a log, in the states of a search. Most write nothing, and of the others most steps write nothing: so a log is told by
 * those who have ever written, and each of their logs is a number.
 */
import type { Component, LogLine } from '../system.ts'

export class Logs {
  /** Components that have written something in a state that was met. */
  readonly writers: number[] = []
  readonly #components: readonly Component[]
  readonly #locals: readonly (readonly unknown[])[]
  /** By component and local state. */
  readonly #numbers: number[][]
  readonly #known = new Map<string, number>()

  constructor(components: readonly Component[], locals: readonly (readonly unknown[])[]) {
    this.#components = components
    this.#locals = locals
    this.#numbers = components.map(() => [])
    for (const [index, component] of components.entries())
      if ((component.log?.(component.initial).length ?? 0) > 0) this.writers.push(index)
  }

  /** Of a step from one local state to another: it writes something. */
  meet(component: number, before: unknown, after: unknown): boolean {
    const subject = this.#components[component]!
    if (!subject.log || subject.log(before).length === subject.log(after).length) return false
    if (!this.writers.includes(component)) this.writers.push(component)
    return true
  }

  /** What a component has written in a local state, as a number that is another for each log. */
  numberOf(component: number, local: number): number {
    return (this.#numbers[component]![local] ??= this.#ask(component, local))
  }

  /** All that has been written in a state, told by the local states of its components. */
  linesIn(local: (component: number) => number): readonly LogLine[] {
    return this.writers.flatMap((each) => this.#logOf(each, local(each)))
  }

  #logOf(component: number, local: number): readonly LogLine[] {
    return this.#components[component]!.log!(this.#locals[component]![local])
  }

  #ask(component: number, local: number): number {
    const key = JSON.stringify(this.#logOf(component, local))
    const number = this.#known.get(key) ?? this.#known.size
    this.#known.set(key, number)
    return number
  }
}
