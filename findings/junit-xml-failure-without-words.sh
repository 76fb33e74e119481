#!/usr/bin/env bash
# python3-junit.xml 1.9. A failure of which nothing is said is a test that passed.
# Expected: after add_failure_info(), whose message and output are optional, the case has a <failure>, and counts as one.
# Seen: it has none, and does not count, nor does add_error_info(); add_skipped_info() is there without words. A second failure takes the place of the first.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-junit.xml=1.9-4
steps <<'SH'
python3 - <<'PYTHON'
from xml.etree import ElementTree
from junit_xml import TestCase, TestSuite, to_xml_report_string
def shown(what, *calls):
    case = TestCase('opens')
    for name, *words in calls: getattr(case, name)(*words)
    suite = ElementTree.fromstring(to_xml_report_string([TestSuite('device', [case])])).find('testsuite')
    inner = [f'{each.tag} {each.get("message") or ""}'.strip() for each in suite.find('testcase')]
    print(f'{what}: {", ".join(inner) or "nothing"} - failures {suite.get("failures")}, errors {suite.get("errors")}, skipped {suite.get("skipped")}')
shown('failure', ['add_failure_info'])
shown('failure "no device"', ['add_failure_info', 'no device'])
shown('error', ['add_error_info'])
shown('skipped', ['add_skipped_info'])
shown('two failures', ['add_failure_info', 'no device'], ['add_failure_info', 'no group'])
PYTHON
SH
seen <<'TEXT'
failure: nothing - failures 0, errors 0, skipped 0
failure "no device": failure no device - failures 1, errors 0, skipped 0
error: nothing - failures 0, errors 0, skipped 0
skipped: skipped - failures 0, errors 0, skipped 1
two failures: failure no group - failures 1, errors 0, skipped 0
TEXT
