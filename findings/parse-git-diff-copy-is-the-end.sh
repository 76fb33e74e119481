#!/usr/bin/env bash
# parse-git-diff 0.0.20. A file that is copied as it is, or binary in a diff with `--binary`, ends the reading: what comes after it is not there.
# Expected: three files that changed; or an error.
# Seen: the file that was read until then, and nothing of the others.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install parse-git-diff@0.0.20
run <<'JS'
import parse from 'parse-git-diff'
const changed = (name) => `diff --git a/${name} b/${name}
index b680253..b1a17ba 100644
--- a/${name}
+++ b/${name}
@@ -1 +1 @@
-z
+zzz
`
const between = {
  'changed only': changed('b.c'),
  copied: `diff --git a/base.c b/copy.c
similarity index 100%
copy from base.c
copy to copy.c
`,
  'copied and changed': `diff --git a/base.c b/copy.c
similarity index 90%
copy from base.c
copy to copy.c
index b680253..b1a17ba 100644
--- a/base.c
+++ b/copy.c
@@ -1 +1 @@
-z
+zzz
`,
  'binary, with --binary': `diff --git a/rom b/rom
index bdc955b7b2e610ab08a02ddefd5ba9a4e9a41ed6..8835708590a9afa236d1bf3a2a4de0a1a9da5f75 100644
GIT binary patch
literal 2
JcmZPo00aO4

literal 2
JcmZPs00aO6

`,
}
for (const [kind, diff] of Object.entries(between)) console.log(`${kind}:`, parse(changed('a.c') + diff + changed('z.c')).files.map(({ type, path, pathAfter }) => `${type} ${path ?? pathAfter}`).join(', '))
JS
seen <<'TEXT'
changed only: ChangedFile a.c, ChangedFile b.c, ChangedFile z.c
copied: ChangedFile a.c
copied and changed: ChangedFile a.c, ChangedFile copy.c, ChangedFile z.c
binary, with --binary: ChangedFile a.c
TEXT
