#!/usr/bin/env bash
# plantuml-parser 0.4.0. A method whose type stands behind it, as it does in UML, is void, and one that is marked before its name is left out.
# Expected: `+read() : int` returns int, as `size : int` is an int; `{static} open()` is a static method.
# Seen: `+read() : int` is void, only `int read()` is int; of `{static}` and `{abstract}` there is no trace, nor of what they mark.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install plantuml-parser@0.4.0
run <<'JS'
import { createRequire } from 'node:module'
const { parse } = createRequire(import.meta.url)('plantuml-parser')
for (const line of ['+read() : int', '+int read()', '-size : int', '-int size', '+{static} open()', '{static} open()', '{abstract} close() : int']) {
  const [{ elements }] = parse(`@startuml\nclass Device {\n  +reset()\n  ${line}\n}\n@enduml`)
  const members = elements.flatMap(({ members = [] }) => members).slice(1)
  console.log(`${line}: ${members.map(({ name, returnType, type, isStatic }) => `${name}, ${returnType ?? type}${isStatic ? ', static' : ''}`).join('; ') || 'nothing'}`)
}
JS
seen <<'TEXT'
+read() : int: read, void
+int read(): read, int
-size : int: size, int
-int size: size, int
+{static} open(): nothing
{static} open(): nothing
{abstract} close() : int: nothing
TEXT
