/** Puzzles among the TLA+ Examples. */
import { lists, named, put, times, upTo, world, type World } from './worlds.ts'

interface Can {
  readonly black: number
  readonly white: number
}

/** Any beans to begin with: how many black ones is chosen first, then how many white, which are states of their own. */
export const coffeeCan = (most: number): World<{ readonly can: Partial<Can> }> => {
  type State = { readonly can: Partial<Can> }
  const full = (may: (can: Can) => boolean, change: (can: Can) => Can) => ({
    when: ({ can: { black, white } }: State) => black !== undefined && white !== undefined && may({ black, white }),
    do: ({ can }: State) => ({ can: change(can as Can) }),
  })
  return world<State>(
    'CoffeeCan',
    { can: {} },
    {
      before: {
        ...named(
          upTo(most + 1).map((black) => [
            `${black} black`,
            { when: ({ can }: State) => can.black === undefined, do: () => ({ can: { black } }) },
          ]),
        ),
        ...named(
          upTo(most + 1).map((white) => [
            `${white} white`,
            {
              when: ({ can: { black, white: known } }: State) =>
                black !== undefined && known === undefined && black + white >= 1 && black + white <= most,
              do: ({ can }: State) => ({ can: { ...can, white } }),
            },
          ]),
        ),
      },
      picker: {
        'two white': full(
          ({ white }) => white >= 2,
          ({ black, white }) => ({ black: black + 1, white: white - 2 }),
        ),
        'two black': full(
          ({ black }) => black >= 2,
          ({ black, white }) => ({ black: black - 1, white }),
        ),
        'one of each': full(
          ({ black, white }) => black >= 1 && white >= 1,
          ({ black, white }) => ({ black: black - 1, white }),
        ),
        rest: full(
          ({ black, white }) => black + white === 1,
          (can) => can,
        ),
      },
    },
  )
}

interface Jugs {
  readonly small: number
  readonly big: number
}

/** Jugs of 3 and 5. */
export const dieHard = (): World<Jugs> =>
  world<Jugs>(
    'DieHard',
    { small: 0, big: 0 },
    {
      us: {
        'fill small': { do: () => ({ small: 3 }) },
        'fill big': { do: () => ({ big: 5 }) },
        'empty small': { do: () => ({ small: 0 }) },
        'empty big': { do: () => ({ big: 0 }) },
        'small to big': {
          do: ({ small, big }) => ({ small: Math.max(0, small + big - 5), big: Math.min(5, small + big) }),
        },
        'big to small': {
          do: ({ small, big }) => ({ small: Math.min(3, small + big), big: Math.max(0, small + big - 3) }),
        },
      },
    },
  )

/** Discs, the smallest first, each on the peg it is on. */
export const hanoi = (discs: number, pegs: number): World<{ readonly on: readonly number[] }> =>
  world<{ readonly on: readonly number[] }>(
    'Hanoi',
    { on: times(discs, 0) },
    {
      us: named(
        upTo(pegs).flatMap((from) =>
          upTo(pegs)
            .filter((to) => to !== from)
            .map((to) => {
              const top = (on: readonly number[], peg: number) => (on.includes(peg) ? on.indexOf(peg) : discs)
              return [
                `${from} to ${to}`,
                {
                  when: ({ on }: { readonly on: readonly number[] }) => top(on, from) < top(on, to),
                  do: ({ on }: { readonly on: readonly number[] }) => ({ on: put(on, top(on, from), to) }),
                },
              ] as const
            }),
        ),
      ),
    },
  )

interface Banks {
  readonly boat: number
  /** Who is where the boat was at first: three missionaries, then three cannibals. */
  readonly there: readonly boolean[]
}

/** Three of each, a boat for two; nowhere are missionaries fewer than cannibals, unless there are none. */
export const missionaries = (): World<Banks> => {
  const many = (kind: readonly boolean[]) => kind.filter(Boolean).length
  const isSafe = (bank: readonly boolean[]) => {
    const [m, c] = [many(bank.slice(0, 3)), many(bank.slice(3))]
    return m === 0 || m >= c
  }
  const crews = lists(6, [false, true]).filter((crew) => many(crew) === 1 || many(crew) === 2)
  const after = ({ boat, there }: Banks, crew: readonly boolean[]): Banks => ({
    boat: 1 - boat,
    there: there.map((each, who) => each !== crew[who]),
  })
  return world<Banks>(
    'Missionaries',
    { boat: 1, there: times(6, true) },
    {
      boat: named(
        crews.map((crew) => [
          crew.map(Number).join(''),
          {
            when: (state: Banks) => {
              const { there } = after(state, crew)
              const isAboard = crew.every((aboard, who) => !aboard || state.there[who] === (state.boat === 1))
              return isAboard && isSafe(there) && isSafe(there.map((each) => !each))
            },
            do: (state: Banks) => after(state, crew),
          },
        ]),
      ),
    },
  )
}
