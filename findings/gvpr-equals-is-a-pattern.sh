#!/usr/bin/env bash
# graphviz 2.42.2. In gvpr `==` between texts is a pattern of a shell.
# Expected: $.name == "s[1]" holds for the node that is called s[1], and for no other.
# Seen: it does not hold for that node, and holds for s1; "a*" equals abc, and abc does not equal "a*".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian graphviz=2.42.2-7+deb12u1
steps <<'SH'
echo 'digraph { "s[1]"; s1; "a*"; abc }' >names.gv
gvpr 'N[$.name == "s[1]"] { print("s[1] is found as ", $.name) }
  N[$.name == "a*"] { print("a* is found as ", $.name) }
  N["a*" == $.name] { print("the other way round as ", $.name) }' names.gv
SH
seen <<'TEXT'
s[1] is found as s1
a* is found as a*
the other way round as a*
a* is found as abc
TEXT
