#!/usr/bin/env bash
# git-diff-parser 1.0.0, diffparser 2.0.1. A comment of SQL that is deleted is no change, or another file.
# Expected: of a hunk of git's, `-- by age` deleted is one of its lines; a hunk of one line, `@@ -1 +1 @@`, is a hunk.
# Seen: the line `--- by age` is taken for the name of a file: git-diff-parser drops it, and counts the lines behind it wrong; with diffparser a second
# file "by age" begins, and has the line that is added after it. For git-diff-parser the head of a hunk of one line is a line of the file.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install git-diff-parser@1.0.0 diffparser@2.0.1
cat >"$desk/change.diff" <<'DIFF'
diff --git a/q.sql b/q.sql
index 74fc887..6b8fab5 100644
--- a/q.sql
+++ b/q.sql
@@ -1,4 +1,4 @@
 select name from pages
--- by age
+where age > 3
 order by age
 limit 8;
diff --git a/version b/version
index 5626abf..f719efd 100644
--- a/version
+++ b/version
@@ -1 +1 @@
-one
+two
DIFF
run <<'JS'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const text = readFileSync('change.diff', 'utf8').trimEnd()

for (const { name, lines } of require('git-diff-parser')(text).commits[0].files)
  for (const { type, text, ln1, ln2 } of lines) console.log('git-diff-parser', name, type, JSON.stringify(text), ln1, ln2 ?? '')
for (const { from, to, chunks, deletions, additions } of require('diffparser')(text)) console.log('diffparser', `${from} => ${to}`, '-', deletions, '+', additions, 'chunks:', chunks.length)
JS
seen <<'TEXT'
git-diff-parser q.sql normal "select name from pages" 1 1
git-diff-parser q.sql added "where age > 3" 2 
git-diff-parser q.sql normal "order by age" 2 3
git-diff-parser q.sql normal "limit 8;" 3 4
git-diff-parser version normal "@ -1 +1 @@" 0 0
git-diff-parser version deleted "one" 1 
git-diff-parser version added "two" 1 
diffparser q.sql => q.sql - 0 + 0 chunks: 1
diffparser by age => undefined - 0 + 1 chunks: 0
diffparser version => version - 1 + 1 chunks: 1
TEXT
