/**
 * Stateright, where it is not at hand: our own medians (n = 3) with Stateright 0.31.0, breadth first, one thread, of 20 November 2026 on
 * the machine of docs/BENCHMARKS.md, in another session. Quoted, not measured: only its order of magnitude can be compared.
 */
const quoted = 'Stateright BFS (quoted)'

export const stateright: readonly (readonly string[])[] = [
  ['4.2.2.2.2', '0', quoted, '345,751', '588,471', '0.22 (0.21..0.24)', '0.20', '–', '24'],
  ['4.2.3.1.2', '0', quoted, '2,308,895', '4,332,746', '2.81 (2.69..2.90)', '2.80', '–', '128'],
  ['4.3.3.2.1', '0', quoted, '5,764,104', '9,403,473', '6.75 (6.37..7.40)', '6.71', '–', '347'],
]
