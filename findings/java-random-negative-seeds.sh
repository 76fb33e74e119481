#!/usr/bin/env bash
# java-random 0.4.0. With a negative seed the numbers are not those of Java, nor are those below a large bound.
# Expected: "the same output sequences as the Java original when supplied with the same seed": java.util.Random is documented as 48 bits of state, made
# from the seed's lower 48 bits, and nextInt(bound) as a loop that draws again where the numbers left over would make some more likely.
# Seen: of a negative seed the higher bits are rounded towards 0; the loop waits for an overflow, which numbers of JavaScript do not have.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install java-random@0.4.0
run <<'JS'
import { createRequire } from 'node:module'
const JavaRandom = createRequire(import.meta.url)('java-random')

// As it is documented, with integers that have no end.
class Documented {
  #state
  constructor(seed) {
    this.#state = BigInt.asUintN(48, BigInt(seed) ^ 0x5deece66dn)
  }
  #next(bits) {
    this.#state = BigInt.asUintN(48, this.#state * 0x5deece66dn + 0xbn)
    return BigInt.asIntN(32, this.#state >> BigInt(48 - bits))
  }
  nextInt(bound) {
    if (bound === undefined) return Number(this.#next(32))
    for (;;) {
      const drawn = this.#next(31)
      const value = drawn % BigInt(bound)
      if (drawn - value + BigInt(bound) - 1n < 2n ** 31n) return Number(value)
    }
  }
}
for (const [seed, bound] of [[42], [-1], [-42], [42, 1000], [42, 1_500_000_000]]) {
  const [told, made] = [new Documented(seed), new JavaRandom(seed)].map((random) => Array.from({ length: 4 }, () => random.nextInt(bound)).join(', '))
  console.log(`seed ${seed}${bound ? ` below ${bound}` : ''}: ${made}${made === told ? '' : `\n  as documented: ${told}`}`)
}
JS
seen <<'TEXT'
seed 42: -1170105035, 234785527, -1360544799, 205897768
seed -1: 141965336, -1339917628, -1471840636, 1758667271
  as documented: 1155099827, 1887904451, 52699159, -1941176418
seed -42: 157740040, -1470144987, -1262762691, -1870055390
  as documented: 1170874531, 1757677092, 261777104, -1274931783
seed 42 below 1000: 130, 763, 248, 884
seed 42 below 1500000000: 62431130, 117392763, 1467211248, 102948884
  as documented: 117392763, 1467211248, 102948884, 662969970
TEXT
