#!/usr/bin/env bash
# radix-trie-js 1.1.0. To delete a key that is not there deletes another one.
# Expected: delete() removes the key that it is given, if it is there.
# Seen: of a key that is the common beginning of others the first part is removed, which may be a key of its own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install radix-trie-js@1.1.0
run <<'JS'
import { createRequire } from 'node:module'
const RadixTrie = createRequire(import.meta.url)('radix-trie-js')

for (const absent of ['unmap', 'mapper', 'ma', 'mapp']) {
  const trie = new RadixTrie()
  for (const key of ['map', 'mapped', 'mapping']) trie.add(key, key)
  trie.delete(absent)
  console.log(`without ${absent}: ${[...trie.keys()].join(', ')}; map is ${trie.has('map') ? 'there' : 'gone'}`)
}
JS
seen <<'TEXT'
without unmap: map, mapped, mapping; map is there
without mapper: map, mapped, mapping; map is there
without ma: map, mapped, mapping; map is there
without mapp: mapped, mapping; map is gone
TEXT
