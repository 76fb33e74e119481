import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { read } from './read.ts'

/** From our package.json: beside the sources, and above what is built. */
export const relockVersion = (): string => {
  const places = ['.', '..', '../..'].map((up) => fileURLToPath(new URL(`${up}/package.json`, import.meta.url)))
  const { version } = JSON.parse(read(places.find((path) => existsSync(path)) ?? places[0]!)) as { version: string }
  return version
}
