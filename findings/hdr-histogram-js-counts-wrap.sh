#!/usr/bin/env bash
# hdr-histogram-js 3.0.1. In buckets of 16 bits 65536 equal values are none, and the median is a value that there was not.
# Expected: `bitBucketSize` is how much memory a count takes; one that does not fit is an error, as in the original in Java, or stays at the greatest.
# Seen: the count goes on from 0, while the total is right. Of 70000 times 3 and 10100 times 9 the median is 0, and the mean is an error. So it is in buckets of
# 8 bits from 256 on; with 32, the default, all is well.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install hdr-histogram-js@3.0.1
run <<'JS'
import { createRequire } from 'node:module'
const { build } = createRequire(import.meta.url)('hdr-histogram-js')
for (const bitBucketSize of [32, 16, 8]) {
  const histogram = build({ bitBucketSize })
  for (let index = 0; index < 70000; index++) histogram.recordValue(3)
  for (let index = 0; index < 10100; index++) histogram.recordValue(9)
  let mean
  try {
    mean = histogram.mean.toFixed(3)
  } catch ({ message }) {
    mean = message
  }
  console.log(`${bitBucketSize} bits: ${histogram.totalCount} in all, median ${histogram.getValueAtPercentile(50)}, 1% below ${histogram.getValueAtPercentile(1)}, mean ${mean}`)
}
JS
seen <<'TEXT'
32 bits: 80100 in all, median 3, 1% below 3, mean 3.757
16 bits: 80100 in all, median 0, 1% below 3, mean Index Out Of Bounds Exception
8 bits: 80100 in all, median 0, 1% below 0, mean Index Out Of Bounds Exception
TEXT
