/** Lines in a picture: SVG that needs nothing else. */

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [across: number, up: number])[]
}

export interface Axes {
  readonly across: string
  readonly up: string
  /** Below: where it was measured. */
  readonly note: string
  /** Each line of the grid is ten times the one before. */
  readonly tenfold?: boolean
}

const [width, height] = [640, 400]
const [left, right, top, bottom] = [56, 200, 16, 64]
/** Told apart by whoever does not see all colours, too. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Where values lie between the first and the last of the grid, 0 to 1. */
interface Scale {
  readonly marks: readonly number[]
  place(value: number): number
}

const evenly = (least: number, most: number): Scale => ({
  marks: Array.from({ length: most - least + 1 }, (_, at) => least + at),
  place: (value) => (value - least) / Math.max(1, most - least),
})

const tenfold = (values: readonly number[]): Scale => {
  const least = Math.floor(Math.log10(Math.min(...values)))
  const most = Math.ceil(Math.log10(Math.max(...values)))
  return {
    marks: Array.from({ length: most - least + 1 }, (_, at) => Number(`1e${least + at}`)),
    place: (value) => (Math.log10(value) - least) / Math.max(1, most - least),
  }
}

const marked = (value: number): string => value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 6 })

export function printed(lines: readonly Line[], { across, up, note, tenfold: areTenfold = false }: Axes): string {
  const points = lines.flatMap((line) => line.points)
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const [ofX, ofY] = areTenfold
    ? [tenfold(xs), tenfold(ys)]
    : [evenly(1, Math.max(...xs)), evenly(0, Math.ceil(Math.max(...ys)))]
  const x = (value: number): number => Math.round(left + ofX.place(value) * (width - left - right))
  const y = (value: number): number => Math.round(height - bottom - ofY.place(value) * (height - top - bottom))
  const words = (at: readonly [number, number], text: string, more = ''): string =>
    `<text x="${at[0]}" y="${at[1]}" ${more}>${escaped(text)}</text>`
  const grid = [
    ...ofY.marks.map((value) => [
      `<path d="M${left} ${y(value)}H${width - right}" stroke="#ddd"/>`,
      words([left - 8, y(value) + 4], marked(value), 'text-anchor="end"'),
    ]),
    ...ofX.marks.map((value) => words([x(value), height - bottom + 18], marked(value), 'text-anchor="middle"')),
  ].flat()
  const drawn = lines.flatMap(({ name, points: of }, index) => {
    const colour = colours[index % colours.length]!
    const [lastX, lastY] = of.at(-1)!
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${of.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}"/>`,
      ...of.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="3" fill="${colour}"/>`),
      words([x(lastX) + 8, y(lastY) + 4 + 14 * index], name, `fill="${colour}"`),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...grid,
    ...drawn,
    words([left, height - bottom + 36], across),
    words([left, height - 10], note, 'fill="#666"'),
    words([14, height - bottom], up, `transform="rotate(-90 14 ${height - bottom})"`),
    '</svg>',
    '',
  ].join('\n')
}
