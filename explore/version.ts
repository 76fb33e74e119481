/** The version of relock, from its package.json: beside the sources, and above what is built. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const versionOf = (): string => {
  const places = ['.', '..', '../..'].map((up) => fileURLToPath(new URL(`${up}/package.json`, import.meta.url)))
  const path = places.find((place) => existsSync(place)) ?? places[0]!
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
