#!/usr/bin/env bash
# plantuml-parser 0.4.0. An arrow with a colour goes to the colour.
# Expected: `Open -[#red]-> Broken` is an arrow from Open to Broken, as PlantUML draws it; how it looks is left out, as it is for `-right->`.
# Seen: it goes to a component named "#red", or "bold", Broken is in no relation, and nothing is said.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install plantuml-parser@0.4.0
run <<'JS'
import { createRequire } from 'node:module'
const { parse } = createRequire(import.meta.url)('plantuml-parser')
for (const arrow of ['-->', '-right->', '-[#red]->', '-[bold]->', '-[dashed]->']) {
  const [{ elements }] = parse(`@startuml\nOpen ${arrow} Broken\n@enduml`)
  console.log(`${arrow}: ${elements.map(({ left, right, rightType }) => `${left} to ${right} (${rightType})`).join(', ') || 'nothing'}`)
}
JS
seen <<'TEXT'
-->: Open to Broken (Unknown)
-right->: Open to Broken (Unknown)
-[#red]->: Open to #red (Component)
-[bold]->: Open to bold (Component)
-[dashed]->: Open to dashed (Component)
TEXT
