/** The lowest number that is not taken, as an IDR, an xarray or an IDA gives it out. */
export function lowestFree(isTaken: (number: number) => boolean, from = 0): number {
  let number = from
  while (isTaken(number)) number++
  return number
}
