/** Mutants of what is wrong with memory, and of leaks. */
import { inFile, type Mutant } from './mutant.ts'

export const ofMemory: readonly Mutant[] = [
  ...inFile('explore/memory/sanitizer.ts', [
    [
      'if (by > 0 && from === 0) return',
      'if (by > 0 && from < 0) return',
      'counts may begin again at 0',
      'explore/sanitizer',
    ],
    ['from + by > largest))', 'from + by >= largest))', 'the largest count is too large', 'explore/sanitizer'],
    [
      'return by < 0 && from + by < 0 ?',
      'return by < 0 && from + by <= 0 ?',
      'the last reference may not be given back',
      'explore/sanitizer',
    ],
    ['  if (!live) {', "  if (!live && act !== 'count') {", 'counts in freed memory are fine', 'explore/sanitizer'],
    [
      "an unknown place'}`, fatal: true,",
      "an unknown place'}`, fatal: false,",
      'a use after free is not the end',
      'explore/sanitizer',
    ],
    [
      'return (live ? undefined : lives.findLast(({ freed }) => freed)) ?? lives.at(-1)',
      'return lives.at(-1)',
      'what is freed is taken to be the life that goes on',
      'explore/sanitizer',
    ],
  ]),
  ...inFile('explore/memory/leaks.ts', [
    [
      '!each.heap && each.thread === undefined',
      '!each.heap',
      'what only a thread knew of is not lost',
      'explore/sanitizer',
    ],
    ['    open.push(...(byName.get(name)?.leadsTo ?? []))\n', '', 'objects lead to no others', 'explore/sanitizer'],
  ]),
]
