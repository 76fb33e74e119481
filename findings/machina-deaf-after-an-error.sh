#!/usr/bin/env bash
# machina 4.0.2. After an error in an exit handler the machine hears nothing any more.
# Expected: the error comes to the caller, the machine is in the one state or the other, and handles the next input.
# Seen: it stays where it was and drops every input and transition from then on, without an error and without the event `nohandler`.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install machina@4.0.2
run <<'JS'
import { createRequire } from 'node:module'
const { Fsm } = createRequire(import.meta.url)('machina')

let full = true
const file = new Fsm({
  initialState: 'open',
  states: {
    open: {
      write: () => console.log('written'),
      close: 'closed',
      _onExit: () => {
        if (full) throw new Error('disk full')
      },
    },
    closed: {},
  },
})
file.on('nohandler', ({ inputType }) => console.log('no handler for', inputType))
file.handle('write')
file.handle('unknown')
try {
  file.handle('close')
} catch ({ message }) {
  console.log(message)
}
full = false
console.log('again:')
file.handle('write')
file.handle('unknown')
file.handle('close')
file.transition('closed')
console.log(file.state)
JS
seen <<'TEXT'
written
no handler for unknown
disk full
again:
open
TEXT
