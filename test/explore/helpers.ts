/** Those who look ahead without threads of their own: when they take a chunk, hear what was told, look into it and are done is up to the dice. */
import { Ahead } from '../../explore/parallel/ahead.ts'
import type { Board } from '../../explore/parallel/board.ts'
import type { Help } from '../../explore/parallel/crew.ts'
import type { Hired, Told } from '../../explore/parallel/messages.ts'
import { Found } from '../../explore/parallel/results.ts'
import type { Team } from '../../explore/parallel/team.ts'
import type { Dice } from '../../streams/dice.ts'

class Helper {
  readonly ahead: Ahead
  readonly told: Told[] = []
  /** Taken, and not looked into yet. */
  chunk: number | undefined

  constructor(hired: Hired) {
    this.ahead = new Ahead(structuredClone(hired))
  }

  take(): void {
    this.chunk = this.ahead.board.takeAhead()
    for (const told of this.told.splice(0)) this.ahead.hear(structuredClone(told))
  }

  look(): void {
    this.ahead.lookInto(this.chunk!)
    this.chunk = undefined
  }
}

export class Chanced implements Team {
  readonly size: number
  /** How often one of them was waited for in vain. */
  readonly patience: number
  /** States that were looked into ahead, and those of them that were left open. */
  states = 0
  open = 0
  readonly #chance: Dice
  #helpers: readonly Helper[] = []
  #board: Board | undefined

  constructor(size: number, chance: Dice, patience = Infinity) {
    this.size = size
    this.patience = patience
    this.#chance = chance
  }

  begin(hired: Hired, board: Board): void {
    this.#board = board
    this.#helpers = Array.from({ length: this.size }, () => new Helper(hired))
  }

  tell(told: Told): void {
    for (const helper of this.#helpers) helper.told.push(told)
  }

  turn(): void {
    for (let times = this.#chance(2 * this.size + 1); times > 0; times--) this.#act()
  }

  wait(): boolean {
    if (this.patience < Infinity && this.#chance(this.patience) === 0) return false
    this.#act()
    return true
  }

  end(): void {
    this.#helpers = []
  }

  #act(): void {
    const helper = this.#helpers[this.#chance(this.size)]!
    if (helper.chunk === undefined) return helper.take()
    const { chunk } = helper
    helper.look()
    this.#count(chunk)
  }

  #count(chunk: number): void {
    const found = new Found(this.#board!.outboxOf(chunk), 0)
    for (let state = 0; state < this.#board!.chunk; state++, found.next()) {
      this.states++
      if (found.isOpen) this.open++
    }
  }
}

/** From the first state on. */
export const helpBy = (team: Team, chunk: number): Help => ({ team, from: 0, chunk })
