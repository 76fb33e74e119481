#!/usr/bin/env bash
# @statelyai/inspect 0.7.2. `inspector.actor(id, snapshot, { definition, parentId, rootId })` tells the inspector of an actor that is no XState actor; the
# third argument is in its types.
# Expected: the message has the definition, the parent and the root that were given.
# Seen: it has none of the three. The definition is never read. Of parent and root, `info?.parentId ?? typeof actorRef === "string" ? undefined : …` is
# `(info?.parentId ?? …) ? undefined : …`, so who says one gets none. All actors that are told so stand beside each other, without a machine.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install @statelyai/inspect@0.7.2 xstate@5.33.3
run <<'JS'
import { createInspector } from '@statelyai/inspect'
const tell = ({ sessionId, definition, parentId, rootId }) => console.log(sessionId, { definition, parentId, rootId })
const inspector = createInspector({ send: tell })
inspector.actor('parent')
inspector.actor('child', { value: 'on' }, { definition: '{"id":"lamp","states":{"on":{}}}', parentId: 'parent', rootId: 'parent' })
JS
seen <<'TEXT'
parent { definition: undefined, parentId: undefined, rootId: undefined }
child { definition: undefined, parentId: undefined, rootId: undefined }
TEXT
