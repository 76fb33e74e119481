#!/usr/bin/env bash
# python3-whatthepatch 1.0.4, gitdiff-parser 0.3.1, diffparser 2.0.1, parse-git-diff 0.0.20. An empty line of context may stand without its space, and then it is none.
# Expected: what `diff --suppress-blank-empty`, or git with diff.suppressBlankEmpty, writes for an empty line is that line: the fourth line is deleted, and there are three others.
# Seen: one drops the line, so that another one is deleted; for whatthepatch the patch does not fit the file it was made from, for parse-git-diff the diff ends there.
# parse-diff 0.12.0 and python3-unidiff 0.7.3 read it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install gitdiff-parser@0.3.1 diffparser@2.0.1 parse-git-diff@0.0.20 parse-diff@0.12.0
debian python3-whatthepatch=1.0.4-1 python3-unidiff=0.7.3-1
steps <<'SH'
printf 'one\n\ntwo\nthree\nfour\n' >a
printf 'one\n\ntwo\nfour\n' >b
{ printf 'diff --git a/list b/list\nindex 5626abf..f719efd 100644\n'; diff -u --suppress-blank-empty --label a/list --label b/list a b || true; } >change.diff
node -e "
const text = require('fs').readFileSync('change.diff', 'utf8').trimEnd()
const show = (name, changes) => console.log(name + ':', changes.length, 'lines,', ...changes.filter(({ gone }) => gone).map(({ gone, content }) => 'deleted ' + gone + ' ' + content), ...(changes.some(({ gone }) => gone) ? [] : ['nothing deleted']))
show('gitdiff-parser', require('gitdiff-parser').parse(text)[0].hunks[0].changes.map(({ isDelete, lineNumber, content }) => ({ gone: isDelete && lineNumber, content })))
show('diffparser', require('diffparser')(text)[0].chunks[0].changes.map(({ del, oldLine, content }) => ({ gone: del && oldLine, content: content.slice(1) })))
show('parse-git-diff', require('parse-git-diff').default(text).files[0].chunks[0].changes.map(({ type, lineBefore, content }) => ({ gone: type === 'DeletedLine' && lineBefore, content })))
show('parse-diff', require('parse-diff')(text)[0].chunks[0].changes.map(({ del, ln, content }) => ({ gone: del && ln, content: content.slice(1) })))
"
python3 - <<'PYTHON'
import unidiff, whatthepatch
text = open('change.diff').read()
lines = [line for hunk in unidiff.PatchSet(text)[0] for line in hunk]
print(f'unidiff: {len(lines)} lines,', *(f'deleted {line.source_line_no} {line.value.strip()}' for line in lines if line.is_removed))
patch = next(whatthepatch.parse_patch(text))
print(f'whatthepatch: {len(patch.changes)} lines,', *(f'deleted {change.old} {change.line}' for change in patch.changes if change.new is None))
try: print(whatthepatch.apply_diff(patch, open('a').read()))
except Exception as error: print(f'whatthepatch: {type(error).__name__}: {error}')
PYTHON
SH
seen <<'TEXT'
gitdiff-parser: 4 lines, deleted 3 three
diffparser: 4 lines, deleted 3 three
parse-git-diff: 1 lines, nothing deleted
parse-diff: 5 lines, deleted 4 three
unidiff: 5 lines, deleted 4 three
whatthepatch: 4 lines, deleted 3 three
whatthepatch: HunkApplyException: context line 2, "two" does not match "", in hunk #1
TEXT
