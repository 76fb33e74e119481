#!/usr/bin/env bash
# patchutils 0.4.2. Of git's diffs, lsdiff lists no file that is renamed, empty, or has another mode.
# Expected: lsdiff lists each file that a patch changes, and filterdiff keeps what is asked for.
# Seen: of four files it lists the one with lines, and ends with 0; filterdiff leaves the others out, so that what it writes renames nothing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian patchutils=0.4.2-1
steps <<'SH'
cat >all.diff <<'DIFF'
diff --git a/old.ts b/new.ts
similarity index 100%
rename from old.ts
rename to new.ts
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/lines.txt b/lines.txt
index 5626abf..f719efd 100644
--- a/lines.txt
+++ b/lines.txt
@@ -1 +1 @@
-one
+two
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
DIFF
lsdiff --strip=1 all.diff
echo "ends with $?"
filterdiff --strip=1 --include='*' all.diff | grep -c -e rename -e mode || true
SH
seen <<'TEXT'
lines.txt
ends with 0
0
TEXT
