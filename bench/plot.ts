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
}

const [width, height] = [640, 400]
const [left, right, top, bottom] = [56, 200, 16, 64]
/** Told apart by whoever does not see all colours, too. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

export function printed(lines: readonly Line[], { across, up, note }: Axes): string {
  const points = lines.flatMap((line) => line.points)
  const mostAcross = Math.max(...points.map(([x]) => x))
  const mostUp = Math.ceil(Math.max(...points.map(([, y]) => y)))
  const x = (value: number): number =>
    Math.round(left + ((value - 1) / Math.max(1, mostAcross - 1)) * (width - left - right))
  const y = (value: number): number => Math.round(height - bottom - (value / mostUp) * (height - top - bottom))
  const words = (at: readonly [number, number], text: string, more = ''): string =>
    `<text x="${at[0]}" y="${at[1]}" ${more}>${escaped(text)}</text>`
  const grid = [
    ...Array.from({ length: mostUp + 1 }, (_, value) => [
      `<path d="M${left} ${y(value)}H${width - right}" stroke="#ddd"/>`,
      words([left - 8, y(value) + 4], `${value}`, 'text-anchor="end"'),
    ]),
    ...Array.from({ length: mostAcross }, (_, index) =>
      words([x(index + 1), height - bottom + 18], `${index + 1}`, 'text-anchor="middle"'),
    ),
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
