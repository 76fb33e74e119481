#!/usr/bin/env bash
# python3-pykka 3.1.1. Whether an error ends an actor depends on whether the sender waits for an answer.
# Expected: one that raises ends, or goes on, whoever sent the message.
# Seen: asked, or called through a proxy, it hands the error to the sender and goes on; told, or called with defer(), the same message ends it, and what is still in its box is lost.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian python3-pykka=3.1.1-1
steps <<'SH'
python3 - 2>/dev/null <<'PYTHON'
import pykka
class Device(pykka.ThreadingActor):
    def __init__(self, done):
        super().__init__()
        self.done = done
    def on_receive(self, message):
        if message == 'wrong': raise ValueError('no such register')
        self.done.append(message)
    def reset(self):
        raise ValueError('no such device')
def tried(what, send):
    done = []
    device = Device.start(done)
    try:
        send(device)
    except ValueError as error:
        done.append(f'the sender hears "{error}"')
    try:
        device.ask('read')
    except pykka.ActorDeadError:
        done.append('dead')
    pykka.ActorRegistry.stop_all()
    print(f'{what}: {", ".join(done)}')
tried('asked', lambda device: device.ask('wrong'))
tried('told', lambda device: device.tell('wrong'))
tried('called', lambda device: device.proxy().reset().get())
tried('called, not waited for', lambda device: device.proxy().reset())
tried('deferred', lambda device: device.proxy().reset.defer())
PYTHON
SH
seen <<'TEXT'
asked: the sender hears "no such register", read
told: dead
called: the sender hears "no such device", read
called, not waited for: read
deferred: dead
TEXT
