#!/usr/bin/env bash
# intel-hex 0.2.0. With a size, what comes later in the file is lost, and more is given than the size.
# Expected: of parse(data, bufferSize) "the data exceeding the buffer size will be discarded", and what lies within it is there, in whatever order the
# records of the file come.
# Seen: a record that reaches the size ends the reading; one that goes beyond it is not cut. What was not read yet is filled as if it were empty.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install intel-hex@0.2.0
run <<'JS'
import { createRequire } from 'node:module'
const { parse } = createRequire(import.meta.url)('intel-hex')

// One record: its length, address, type, bytes, and what makes the sum 0.
const record = (address, type, ...bytes) => {
  const all = [bytes.length, address >> 8, address & 255, type, ...bytes]
  return `:${Buffer.from([...all, -all.reduce((sum, byte) => sum + byte, 0) & 255]).toString('hex')}\n`
}
const [low, high] = [record(0, 0, 1, 2, 3, 4), record(4, 0, 5, 6, 7, 8)]
const end = record(0, 1)
const tell = (name, file, size) => console.log(`${name}: ${parse(file, size).data.toString('hex')}`)
tell('low before high', low + high + end)
tell('high before low', high + low + end)
tell('low before high, 8 bytes', low + high + end, 8)
tell('high before low, 8 bytes', high + low + end, 8)
tell('low before high, 6 bytes', low + high + end, 6)
JS
seen <<'TEXT'
low before high: 0102030405060708
high before low: 0102030405060708
low before high, 8 bytes: 0102030405060708
high before low, 8 bytes: ffffffff05060708
low before high, 6 bytes: 0102030405060708
TEXT
