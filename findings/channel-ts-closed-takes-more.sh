#!/usr/bin/env bash
# channel-ts 0.1.2. A closed channel takes what is sent, and drops it; null closes one.
# Expected: send() after close() is refused, "sending on closed channel", as it is where all was received; null is a value like others.
# Seen: while something lies in the channel, or if the end of it was not yet received, send() takes the value without an error and nobody gets it; a null
# that waits in the channel is its end, and what comes after it is lost.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install channel-ts@0.1.2
run <<'JS'
import { createRequire } from 'node:module'
const { SimpleChannel } = createRequire(import.meta.url)('channel-ts')

const all = async (channel) => {
  const values = []
  for await (const value of channel) values.push(value)
  return values.join(', ')
}
const attempt = (channel, value) => {
  try {
    channel.send(value)
    return 'taken'
  } catch (error) {
    return error
  }
}
{
  const channel = new SimpleChannel()
  channel.send('first')
  channel.close()
  console.log('sent after close():', attempt(channel, 'second'))
  console.log('received:', await all(channel))
  console.log('sent after that:', attempt(channel, 'third'))
}
{
  const channel = new SimpleChannel()
  for (const value of ['first', null, 'second']) channel.send(value)
  console.log('with null, received:', await all(channel))
}
JS
seen <<'TEXT'
sent after close(): taken
received: first
sent after that: sending on closed channel
with null, received: first
TEXT
