#!/usr/bin/env bash
# nauty 2.8.6. dretog, told that a graph is directed, writes it without direction, and most of its edges are gone.
# Expected: the format of directed graphs, which its help calls the default for them; or the edges, without direction.
# Seen: it warns, ends with 0 and writes the lower half of the matrix: of 0 -> 1 -> 2 nothing is left, of 2 -> 1 -> 0 both. With -z it is right.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian nauty=2.8.6+ds-2
steps <<'SH'
for edges in '0:1; 1:2.' '1:0; 2:1.'; do
  echo "n=3 d g $edges" >graph.dre
  echo "$edges as it is:$(nauty-dretog -q graph.dre 2>said | nauty-showg -q | tail -n +2 | tr -s ' \n' ' ')"
  cat said
  echo "$edges with -z:$(nauty-dretog -q -z graph.dre | nauty-showg -q | tail -n +2 | tr -s ' \n' ' ')"
done
nauty-dretog -help 2>&1 | grep -e '-z  '
SH
seen <<'TEXT'
0:1; 1:2. as it is: 0 : ; 1 : ; 2 : ; 
>W writing digraph in undirected format
0:1; 1:2. with -z: 0 : 1; 1 : 2; 2 : ; 
1:0; 2:1. as it is: 0 : 1; 1 : 0 2; 2 : 1; 
>W writing digraph in undirected format
1:0; 2:1. with -z: 0 : ; 1 : 0; 2 : 1; 
   -z    Use digraph6 format (default for directed graphs).
TEXT
