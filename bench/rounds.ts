/** A, B, C, A, B, C …: whatever slows the machine down for a while slows all of them down. */
export interface Contender<Result> {
  readonly name: string
  readonly run: () => Result
}

export function inRounds<Result>(contenders: readonly Contender<Result>[], rounds: number): Map<string, Result[]> {
  const results = new Map<string, Result[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of contenders) {
      process.stderr.write(`  round ${round}/${rounds}  ${name}\n`)
      results.get(name)!.push(run())
    }
  }
  return results
}
