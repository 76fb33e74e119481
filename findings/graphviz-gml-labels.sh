#!/usr/bin/env bash
# graphviz 2.42.2. Read from GML, a label is no label, and of numbers as labels gml2gv refuses what gv2gml wrote.
# Expected: written as GML and read again, a state labelled 1 and an arrow labelled "go" are what they were; of another's file the labels are drawn.
# Seen: what another wrote as `label` is read as `name`, which nothing draws; a label 1 is written without quotation marks, and is then a syntax error.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian graphviz=2.42.2-7+deb12u1
steps <<'SH'
echo 'graph [ directed 1 node [ id 1 label "idle" ] node [ id 2 label "busy" ] edge [ source 1 target 2 label "go" ] ]' | gml2gv
for label in one 1; do
  echo "digraph { a [label=$label]; a -> b }" | gv2gml >written.gml
  echo "written: $(grep -w label written.gml | sed 's/^ *//'), read: $(gml2gv written.gml 2>&1 | grep -e label -e error | tr -d '\t' | sed 's/.*\[//; s/,$//')"
done
SH
seen <<'TEXT'
digraph "" {
	1	[name=idle];
	2	[name=busy];
	1 -> 2	[name=go];
}
written: label "one", read: label=one
written: label 1, read: Warning:  syntax error in line 7 near '1'
TEXT
