/** Gathers what a page carries: models and texts are there once, however many runs and searches speak of them. */
import type { System } from '../../explore/system.ts'
import type { Taken } from '../../explore/outcome/taken.ts'
import { tablesOf, type Tables } from '../../explore/states/tables.ts'
import type { OrderData, PageData, RunData, SearchData, TableData } from '../data.ts'
import type { Root } from './charts.ts'
import { Model, type Machines } from './model.ts'
import { runData, type Told } from './run.ts'
import { surround } from './surround.ts'
import { Texts } from './texts.ts'

interface Kept {
  readonly of: Model
  readonly place: number
  readonly tables: Tables
  /** States of its runs. */
  readonly states: Int32Array[]
}

export class Book {
  readonly #texts = new Texts()
  readonly #models = new Map<System<any>, Kept>()
  readonly #machines = new Map<System<any>, Machines>()
  readonly #runs: RunData[] = []
  readonly searches: SearchData[] = []
  readonly tables: TableData[] = []
  readonly orders: OrderData[] = []

  /** The statecharts of a system's actors, before anything else is said of it. */
  know(
    system: System<any>,
    actors: readonly { readonly id: string; readonly machine: { readonly root: Root } }[],
  ): void {
    this.#machines.set(system, new Map(actors.map(({ id, machine }) => [id, machine.root])))
  }

  /** What a search of the system has come by. */
  cover(system: System<any>, taken: readonly Taken[]): void {
    this.#model(system).of.cover(taken)
  }

  /** The place of the run among all runs. */
  run(told: Told, system: System<any>): number {
    const model = this.#model(system)
    const see = (state: Int32Array): void => {
      model.of.see(state)
      model.states.push(state.slice(0, model.tables.slots))
    }
    return this.#runs.push(runData(told, model, see, this.#texts)) - 1
  }

  /** What comes after these choices, and around there. */
  learn(model: number, choices: readonly number[]): void {
    const { of, tables } = [...this.#models.values()][model]!
    const state = tables.initial()
    for (const choice of choices) {
      const lane = tables.enabled(state)[choice]!
      tables.apply(state, lane, tables.entryOf(state, lane)!)
    }
    surround(of, tables, [state.slice(0, tables.slots)], learned)
  }

  #model(system: System<any>): Kept {
    const known = this.#models.get(system)
    if (known) return known
    const tables = tablesOf(system)
    const made = {
      of: new Model(tables, this.#machines.get(system) ?? new Map(), this.#texts),
      place: this.#models.size,
      tables,
      states: [],
    }
    this.#models.set(system, made)
    return made
  }

  /** Everything; what was not recorded is carried as far as there is room. */
  data(command: string): PageData {
    const each = [...this.#models.values()]
    for (const { of, tables, states } of each) {
      surround(of, tables, states, roomFor(each.length))
      // Once is enough, however often it is asked for.
      states.length = 0
    }
    return {
      version: 1,
      command,
      texts: this.#texts.all,
      searches: this.searches,
      models: each.map(({ of }) => of.data()),
      runs: this.#runs,
      tables: this.tables,
      orders: this.orders,
    }
  }
}

/** Entries that come with a state somebody asks for. */
const learned = 300

/** Entries that fit into some hundred kilobytes. */
const entries = 2500

const roomFor = (models: number): number => Math.floor(entries / models)
