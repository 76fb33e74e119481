/**
 * A kernel pointer: an address (`id`, re-used like a slab slot is) and which life of that address it was taken from
 * (`gen`). Code that compares pointers sees only the address; following a pointer whose life is over is a
 * use-after-free.
 */
export interface Pointer {
  readonly id: string
  readonly gen: number
}

/** As reports print it: `dma0#1`. */
export const named = ({ id, gen }: Pointer): string => `${id}#${gen}`

/** The same, read. */
export const pointerCalled = (name: string): Pointer => {
  const [id = '', gen] = name.split('#')
  return { id, gen: Number(gen) }
}

export const isSame = (a: Pointer, b: Pointer): boolean => a.id === b.id && a.gen === b.gen
