#!/usr/bin/env bash
# bpmn-engine 25.0.1. What follows an inclusive join is done once for each branch.
# Expected: an inclusive gateway where branches meet waits for those that were begun, and goes on once, as a parallel one does; bpmn-elements, which it
# runs on, names InclusiveGateway among what it supports.
# Seen: it goes on for each branch that arrives, so that of two branches the order is shipped twice.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install bpmn-engine@25.0.1
run <<'JS'
import { createRequire } from 'node:module'
import { EventEmitter } from 'node:events'
const { Engine } = createRequire(import.meta.url)('bpmn-engine')

const condition = '<conditionExpression xsi:type="tFormalExpression" language="JavaScript">next(null, true)</conditionExpression>'
const order = (gateway, when = '') => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="order">
  <process id="order" isExecutable="true">
    <startEvent id="ordered" /><${gateway} id="split" /><task id="pack" /><task id="pay" /><${gateway} id="join" /><task id="ship" />
    <sequenceFlow id="to1" sourceRef="ordered" targetRef="split" />
    <sequenceFlow id="to2" sourceRef="split" targetRef="pack">${when}</sequenceFlow>
    <sequenceFlow id="to3" sourceRef="split" targetRef="pay">${when}</sequenceFlow>
    <sequenceFlow id="to4" sourceRef="pack" targetRef="join" />
    <sequenceFlow id="to5" sourceRef="pay" targetRef="join" />
    <sequenceFlow id="to6" sourceRef="join" targetRef="ship" />
  </process>
</definitions>`
for (const [gateway, source] of [['parallelGateway', order('parallelGateway')], ['inclusiveGateway', order('inclusiveGateway', condition)]]) {
  const done = []
  const listener = new EventEmitter()
  listener.on('activity.end', ({ id, type }) => type === 'bpmn:Task' && done.push(id))
  const engine = new Engine({ source })
  const end = engine.waitFor('end')
  await engine.execute({ listener })
  await end
  console.log(`${gateway}: ${done.join(', ')}`)
}
JS
seen <<'TEXT'
parallelGateway: pack, pay, ship
inclusiveGateway: pack, ship, pay, ship
TEXT
