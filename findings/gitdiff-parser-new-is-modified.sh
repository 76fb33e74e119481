#!/usr/bin/env bash
# gitdiff-parser 0.3.1. A new file that is empty is a modified one, and so is one that is renamed and changed; a new file replaces a line.
# Expected: the types are add, rename and add, as git says; a hunk `-0,0 +1` has no old lines and a new one.
# Seen: the type is that of the lines `---` and `+++`, if there are any, and "modify" if there are none; 0 lines are counted as 1.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install gitdiff-parser@0.3.1
cat >"$desk/change.diff" <<'DIFF'
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
diff --git a/pool.c b/pages.c
similarity index 81%
rename from pool.c
rename to pages.c
index ae3ced8..c4e5039 100644
--- a/pool.c
+++ b/pages.c
@@ -1,3 +1,3 @@
 one
-two
+2
 three
diff --git a/version b/version
new file mode 100644
index 0000000..3e75765
--- /dev/null
+++ b/version
@@ -0,0 +1 @@
+6.6
DIFF
run <<'JS'
import { readFileSync } from 'node:fs'
import parser from 'gitdiff-parser'
for (const { type, oldPath, newPath, hunks } of parser.parse(readFileSync('change.diff', 'utf8')))
  console.log(type, oldPath, newPath, ...hunks.map(({ oldLines, newLines, changes }) => `old lines: ${oldLines}, new lines: ${newLines}, changes: ${changes.length}`))
JS
seen <<'TEXT'
modify empty empty
modify pool.c pages.c old lines: 3, new lines: 3, changes: 4
add /dev/null version old lines: 1, new lines: 1, changes: 1
TEXT
