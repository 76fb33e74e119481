#!/usr/bin/env bash
# jacoco-parse 2.0.1. Each file of a package has the methods of all its other files.
# Expected: the details of the methods of a file are those of the classes whose `sourcefilename` it is, and as many as are found in it.
# Seen: all methods of the package, at line numbers of other files.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install jacoco-parse@2.0.1
run <<'JS'
import parser from 'jacoco-parse'
const report = `<report name="acme"><package name="acme">
<class name="acme/Pool" sourcefilename="Pool.java"><method name="take" desc="()V" line="3"><counter type="METHOD" missed="0" covered="1"/></method></class>
<class name="acme/Bus" sourcefilename="Bus.java"><method name="reset" desc="()V" line="9"><counter type="METHOD" missed="1" covered="0"/></method></class>
<sourcefile name="Pool.java"><line nr="3" mi="0" ci="2" mb="0" cb="0"/><counter type="LINE" missed="0" covered="1"/><counter type="METHOD" missed="0" covered="1"/></sourcefile>
<sourcefile name="Bus.java"><line nr="9" mi="2" ci="0" mb="0" cb="0"/><counter type="LINE" missed="1" covered="0"/><counter type="METHOD" missed="1" covered="0"/></sourcefile>
</package></report>`
parser.parseContent(report, (_, files) => {
  for (const { file, functions } of files) console.log(`${file}: ${functions.found} found, ${functions.hit} hit: ${functions.details.map(({ name, line, hit }) => `${name} in line ${line}, ${hit ? 'hit' : 'not hit'}`).join('; ')}`)
})
JS
seen <<'TEXT'
acme/Pool.java: 1 found, 1 hit: take in line 3, hit; reset in line 9, not hit
acme/Bus.java: 1 found, 0 hit: take in line 3, hit; reset in line 9, not hit
TEXT
