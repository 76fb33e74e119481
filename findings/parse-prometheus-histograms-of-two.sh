#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1. Of histograms and summaries that have labels the last one's buckets are left, without labels, sum and count.
# Expected: as for counters, and as prom2json, with which it is to be compatible, one metric for each set of labels.
# Seen: of the histograms of two devices the first has gone, and nothing says whose the other is; even of one alone its labels, sum and count have gone.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install parse-prometheus-text-format@1.1.1
run <<'JS'
import { createRequire } from 'node:module'
const parse = createRequire(import.meta.url)('parse-prometheus-text-format')
const histogram = (labels, fast, all) => `wait_bucket{${labels}le="1"} ${fast}\nwait_bucket{${labels}le="+Inf"} ${all}\nwait_sum{${labels}} 9\nwait_count{${labels}} ${all}\n`
const summary = (device, middle) => `size{device="${device}",quantile="0.5"} ${middle}\nsize_sum{device="${device}"} 9\nsize_count{device="${device}"} 3\n`
const show = (what, text) => console.log(`${what}: ${JSON.stringify(parse(text)[0].metrics)}`)
show('counter', '# TYPE reads counter\nreads{device="a"} 1\nreads{device="b"} 2\n')
show('without labels', `# TYPE wait histogram\n${histogram('', 1, 2)}`)
show('one device', `# TYPE wait histogram\n${histogram('device="a",', 1, 2)}`)
show('two devices', `# TYPE wait histogram\n${histogram('device="a",', 1, 2)}${histogram('device="b",', 10, 20)}`)
show('summaries', `# TYPE size summary\n${summary('a', 1)}${summary('b', 10)}`)
JS
seen <<'TEXT'
counter: [{"value":"1","labels":{"device":"a"}},{"value":"2","labels":{"device":"b"}}]
without labels: [{"buckets":{"1":"1","+Inf":"2"},"count":"2","sum":"9"}]
one device: [{"buckets":{"1":"1","+Inf":"2"}}]
two devices: [{"buckets":{"1":"10","+Inf":"20"}}]
summaries: [{"quantiles":{"0.5":"10"}}]
TEXT
