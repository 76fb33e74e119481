import { fromCommands } from '../explore/door.ts'

/** Counters that know nothing of each other: ten states each, and with so many of them ten to that power. */
export const counters = (digits: number) =>
  fromCommands({
    name: `${digits} counters`,
    components: Object.fromEntries(
      Array.from({ length: digits }, (_, digit) => [
        `counter${digit}`,
        { start: { n: 0 }, processes: { up: { count: { do: ({ n }: { n: number }) => ({ n: (n + 1) % 10 }) } } } },
      ]),
    ),
  })
