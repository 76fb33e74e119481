/** Which machines there are. */
import { legible, type Page } from './style.ts'
import { wrap } from './words.ts'

export interface ListedMachine {
  readonly name: string
  /** Of the kernel. */
  readonly is: string
}

/** A name a line, and below it what of the kernel the machine is. */
export const listMachines = (machines: readonly ListedMachine[], page: Page): string => {
  const lines = machines.flatMap(({ name, is }) => [
    page.paint('strong', legible(page, name)),
    ...wrap(legible(page, is), page.columns - 4, '').map((line) => `    ${line}`),
  ])
  return [...lines, '', '  npx relock export mermaid <machine>', ''].join('\n')
}
