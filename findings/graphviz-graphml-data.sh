#!/usr/bin/env bash
# graphviz 2.42.2. Read from GraphML, nothing is left of the data, nor of a node that holds a graph.
# Expected: keys become attributes, a node with a graph in it stays a node, or a cluster with its name; its edges stay with it.
# Seen: data are "unknown" and ignored, and it ends with 0; the node has gone if no edge names it, and is beside its own content if one does.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian graphviz=2.42.2-7+deb12u1
steps <<'SH'
cat >states.graphml <<'XML'
<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="all" attr.name="label" attr.type="string"/>
  <graph id="G" edgedefault="directed">
    <node id="idle"><data key="d0">Idle</data></node>
    <node id="busy"><graph id="inside" edgedefault="directed"><node id="busy.wait"/></graph></node>
    <node id="over"><graph id="past" edgedefault="directed"><node id="over.kept"/></graph></node>
    <edge source="idle" target="busy"><data key="d0">go</data></edge>
  </graph>
</graphml>
XML
graphml2gv states.graphml 2>said && echo "ends with $?"
cat said
SH
seen <<'TEXT'
digraph G {
	subgraph inside {
		"busy.wait";
	}
	subgraph past {
		"over.kept";
	}
	idle -> busy;
}
ends with 0
Unknown node key - ignoring.
Unknown node data - ignoring.
Unknown node data - ignoring.
TEXT
