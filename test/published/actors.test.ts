/** States of Stateright's examples of actors, in its own tests and at more sizes. */
import { describe, expect, test } from 'vitest'
import { paxos } from './paxos.ts'
import { atomicRegister, pingPong, singleCopy } from './registers.ts'
import { counts, tlc } from './worlds.ts'

describe('ping-pong', () => {
  test.each([
    [1, 'set', true, 14],
    [5, 'set', true, 4_094],
    [5, 'set', false, 11],
    [5, 'bag', false, 11],
    [1, 'bag', true, 6],
    [5, 'bag', true, 22],
    [5, 'ordered', true, 22],
  ] as const)('to %i over a %s, lossy: %s, has %i states', async (most, network, lossy, states) => {
    expect((await counts(pingPong(most, network, lossy))).states).toBe(states)
  })
})

describe('a register of one copy', () => {
  test.each([
    [1, 1, 5],
    [1, 2, 93],
    [1, 3, 4_243],
    [2, 2, 62],
  ])('with %i servers and %i clients has %i states', async (servers, clients, states) => {
    expect((await counts(singleCopy(servers, clients))).states).toBe(states)
  })
})

describe('an atomic register of several copies', () => {
  test('with two servers and two clients has 544 states; 875 are generated, on 25 levels', async () => {
    expect(await tlc(atomicRegister(2, 2, 'bag'))).toEqual([544, 875, 25])
  })

  test.each([
    [2, 1, 'bag', 13],
    [3, 1, 'bag', 1_449],
    [2, 2, 'ordered', 620],
    [3, 1, 'ordered', 559],
  ] as const)('with %i servers and %i clients over a %s has %i states', async (servers, clients, network, states) => {
    expect((await counts(atomicRegister(servers, clients, network))).states).toBe(states)
  })
})

describe('Paxos of three servers', () => {
  test.each([
    ['bag', 265],
    ['ordered', 237],
  ] as const)('with one client over a %s has %i states', async (network, states) => {
    expect((await counts(paxos(3, 1, network))).states).toBe(states)
  })

  test('with two clients has 16,668 states; 32,971 are generated, on 21 levels', async () => {
    expect(await tlc(paxos(3, 2, 'bag'))).toEqual([16_668, 32_971, 21])
  })
})
