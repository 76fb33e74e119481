#!/usr/bin/env bash
# elfy 1.0.0, elf-tools 1.1.2. Sections of a 64-bit ELF file are read wrong.
# Expected: of `.text`, aligned to 16 bytes, allocated and executable, and `.symtab` with entries of 24 bytes, what stands in the file.
# Seen: elfy reads alignment and size of entries two bytes too early, so that both are 65536-fold; elf-tools gives the flags the names of types.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install elfy@1.0.0 elf-tools@1.1.2
run <<'JS'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)

const names = '\0.text\0.symtab\0.shstrtab\0'
const sections = [
  { name: '', type: 0, flags: 0, align: 0, entry: 0 },
  { name: '.text', type: 1, flags: 2 | 4, align: 16, entry: 0 },
  { name: '.symtab', type: 2, flags: 0, align: 8, entry: 24 },
  { name: '.shstrtab', type: 3, flags: 0, align: 1, entry: 0 },
]
const [head, record] = [64, 64]
const end = head + record * sections.length
const file = Buffer.alloc(end + names.length)
// 64 bits, little endian; relocatable, for x86-64; its section headers follow the header, and then the names.
file.write('\x7fELF\x02\x01\x01', 'latin1')
for (const [offset, value] of [[16, 1], [18, 62], [20, 1], [40, head], [52, head], [58, record], [60, sections.length], [62, sections.length - 1]])
  file.writeUInt16LE(value, offset)
for (const [index, { name, type, flags, align, entry }] of sections.entries()) {
  const at = head + record * index
  file.writeUInt32LE(names.indexOf(`${name}\0`), at)
  file.writeUInt32LE(type, at + 4)
  const size = name === '.shstrtab' ? names.length : 0
  for (const [offset, value] of [[8, flags], [24, end], [32, size], [48, align], [56, entry]]) file.writeBigUInt64LE(BigInt(value), at + offset)
}
file.write(names, end, 'latin1')

const mine = ({ name }) => ['.text', '.symtab'].includes(name)
for (const { name, flags, addralign, entsize } of require('elfy').parse(file).body.sections.filter(mine))
  console.log(`elfy: ${name}: ${Object.keys(flags).join('|') || 'no flags'}, aligned to ${addralign}, entries of ${entsize}`)
for (const { name, flags, addralign, entsize } of require('elf-tools').parse(file).sections.map(({ header }) => header).filter(mine))
  console.log(`elf-tools: ${name}: ${flags || 'no flags'}, aligned to ${addralign}, entries of ${entsize}`)
JS
seen <<'TEXT'
elfy: .text: alloc|execinstr, aligned to 1048576, entries of 0
elfy: .symtab: no flags, aligned to 524288, entries of 1572864
elf-tools: .text: symtab|rela, aligned to 16, entries of 0
elf-tools: .symtab: no flags, aligned to 8, entries of 24
TEXT
