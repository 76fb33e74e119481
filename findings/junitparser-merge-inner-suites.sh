#!/usr/bin/env bash
# junitparser 2.8.0. In a merged report a suite within a suite is there for the first file, and not for the second.
# Expected: of two reports that are built alike the merged one has all suites of both, or those of equal names as one.
# Seen: suites of one name become one, into which the second file's cases are put one by one, those of its inner suite as the outer's own; the inner suite's
# numbers are as they were, for half of what ran.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian junitparser=2.8.0-1
steps <<'SH'
for run in first second; do
  cat >$run.xml <<XML
<testsuites><testsuite name="device"><testcase name="opens in the $run run"/>
<testsuite name="interrupts" tests="1" failures="1"><testcase name="fires in the $run run"><failure>no interrupt</failure></testcase></testsuite>
</testsuite></testsuites>
XML
done
python3 root/usr/bin/junitparser merge first.xml second.xml merged.xml
python3 - <<'PYTHON'
from xml.etree import ElementTree
def show(node, depth=0):
    numbers = ', '.join(f'{name} {node.get(name)}' for name in ('tests', 'failures') if node.get(name))
    print('  ' * depth + f'{node.tag} {node.get("name") or ""}'.strip() + (f' ({numbers})' if numbers else ''))
    for each in node:
        if each.tag.startswith('test'): show(each, depth + 1)
show(ElementTree.parse('merged.xml').getroot())
PYTHON
SH
seen <<'TEXT'
testsuites (tests 4, failures 2)
  testsuite device (tests 4, failures 2)
    testcase opens in the first run
    testsuite interrupts (tests 1, failures 1)
      testcase fires in the first run
    testcase opens in the second run
    testcase fires in the second run
TEXT
