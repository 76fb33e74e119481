/**
 * The source map of the code for `require`. It leads to the ES modules that are shipped beside it: they are what one can read, and say above each
 * module which file it was.
 *
 * One segment a line of theirs, not one a token, and none for lines on which nothing can be called or thrown, of which machines are made: what
 * somebody looks for in a stack is the line, and a map of every token is larger than the code.
 */
import { relative } from 'node:path'
import { addSegment, GenMapping, toEncodedMap } from '@jridgewell/gen-mapping'
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping'

/** A file that was made, and the map of every token of it. */
export interface Made {
  readonly path: string
  readonly text: string
  readonly map: string
  /** How many characters each line has lost at its beginning since the map was made. */
  readonly lost?: readonly number[]
}

interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
}

/** A call, a member, an element, a text with values in it, or what is thrown by hand; what is said in texts is none of them. */
const throwing = /\(|[\w)\]]\??\.?[.[]|\$\{|\b(?:throw|await|yield|of|in)\b/
const texts = /"(?:[^"\\]|\\.)*"/g
const mayThrow = (line: string): boolean => throwing.test(line.replaceAll(texts, '')) && !/^\s*\/\*\*/.test(line)

/** By file and line of what was written: where it is in the modules. Where a line went to several places, the first is as good as the others. */
const placesIn = (modules: readonly Made[]): ReadonlyMap<string, Place> => {
  const places = new Map<string, Place>()
  for (const { path, text, map, lost = [] } of modules) {
    const lines = text.split('\n')
    eachMapping(new TraceMap(map, path), ({ source, originalLine, generatedLine, generatedColumn }) => {
      const written = `${source}:${originalLine}`
      if (source !== null && !places.has(written) && mayThrow(lines[generatedLine - 1]!))
        places.set(written, {
          path,
          line: generatedLine,
          column: Math.max(0, generatedColumn - (lost[generatedLine - 1] ?? 0)),
        })
    })
  }
  return places
}

/** The map of `code`, which was made from the same files as `modules`, from its lines to theirs. */
export const mapToModules = (code: Made, modules: readonly Made[], folder: string): string => {
  const places = placesIn(modules)
  const map = new GenMapping()
  let last = { generatedLine: 0, place: undefined as Place | undefined }
  eachMapping(new TraceMap(code.map, code.path), ({ source, originalLine, generatedLine, generatedColumn }) => {
    const place = places.get(`${source}:${originalLine}`)
    if (!place || (place === last.place && generatedLine === last.generatedLine)) return
    last = { generatedLine, place }
    addSegment(map, generatedLine - 1, generatedColumn, relative(folder, place.path), place.line - 1, place.column)
  })
  return JSON.stringify(toEncodedMap(map))
}
