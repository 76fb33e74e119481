/** One ball, two players. With `rounds` it stops; without, it goes round for ever and only a whistle ends it. */
import { eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin, component } from './component.ts'

export const pingPong = (rounds: number): System<{ readonly hits: number }> => {
  const player = (id: string, other: string) =>
    component<{ readonly hits: number }>({
      id,
      initial: { hits: 0 },
      on: {
        BALL: ({ hits }) => (hits < rounds ? { local: { hits: hits + 1 }, sends: [{ to: other, type: 'BALL' }] } : {}),
      },
    })
  return {
    name: `ping-pong ${rounds}`,
    fingerprint: 'pp1',
    components: [player('ping', 'pong'), player('pong', 'ping')],
    start: [begin('ping', 'BALL')],
    view: (read) => ({ hits: (read('pong') as { readonly hits: number }).hits }),
  }
}

export const pingPongProperties = (rounds: number): readonly Property<{ readonly hits: number }>[] => [
  eventually('every ball is played', ({ hits }) => hits === rounds),
  sometimes('one ball is played', ({ hits }) => hits === 1),
]

/** Serve, then a cycle of four states; the whistle may never be heard, since nothing is fair. */
export const lasso = (): System<{ readonly over: boolean }> => {
  type Play = { readonly state: 'playing' | 'over' }
  const player = (id: string, other: string) =>
    component<Play>({
      id,
      initial: { state: 'playing' },
      on: {
        BALL: ({ state }) => (state === 'playing' ? { sends: [{ to: other, type: 'BALL' }] } : {}),
        WHISTLE: () => ({ local: { state: 'over' } }),
      },
    })
  return {
    name: 'lasso',
    fingerprint: 'l1',
    components: [player('ping', 'pong'), player('pong', 'ping')],
    start: [begin('ping', 'BALL'), begin('pong', 'NOISE'), begin('pong', 'WHISTLE')],
    view: (read) => ({ over: (read('pong') as Play).state === 'over' }),
  }
}

export const lassoProperties: readonly Property<{ readonly over: boolean }>[] = [
  eventually('the game is over', ({ over }) => over),
  sometimes('a game can be over', ({ over }) => over),
]

/** One component that counts up by sending to itself: as many local states and as deep as you like. */
export const tall = (height: number): System<{ readonly count: number }> => ({
  name: `tall ${height}`,
  fingerprint: 't1',
  components: [
    component<{ readonly count: number }>({
      id: 'tower',
      initial: { count: 0 },
      on: {
        UP: ({ count }) =>
          count < height ? { local: { count: count + 1 }, sends: [{ to: 'tower', type: 'UP' }] } : {},
      },
    }),
  ],
  start: [begin('tower', 'UP')],
  view: (read) => ({ count: (read('tower') as { readonly count: number }).count }),
})
