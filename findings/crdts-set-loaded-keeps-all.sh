#!/usr/bin/env bash
# crdts 0.2.0. A set that was saved and loaded does not remove anything any more.
# Expected: ORSet.from() gives the set whose toJSON() it gets: it removes, and after a merge two replicas are the same.
# Seen: remove() does nothing, without an error, and what another replica has removed stays: the two never become the same.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install crdts@0.2.0
run <<'JS'
import { ORSet } from 'crdts'

for (const load of [(set) => set, (set) => ORSet.from(JSON.parse(JSON.stringify(set)))]) {
  const first = new ORSet()
  first.add('milk', 'first 1')
  first.add('bread', 'first 2')
  const second = new ORSet()
  second.merge(first)
  const replica = load(second)
  console.log(replica === second ? 'as made' : 'saved and loaded')
  replica.remove('bread')
  console.log('without bread:', ...replica.values())
  first.remove('milk')
  replica.merge(first)
  console.log('milk removed by the first:', ...replica.values())
  first.merge(replica)
  console.log('the same:', first.isEqual(replica))
}
JS
seen <<'TEXT'
as made
without bread: milk
milk removed by the first:
the same: true
saved and loaded
without bread: milk bread
milk removed by the first: milk bread
the same: false
TEXT
