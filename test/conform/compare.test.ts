/** Two answers side by side: which fields are the same, which are not, which are left out. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareResults, isSame } from '../../conform/compare.ts'
import { rules, whyNotCompared } from '../../conform/not-compared.ts'

const peek = { op: 'peek', vaddr: 'b0' }

describe('two values are the same', () => {
  test.each([
    ['numbers in decimal and in hex', 4096, '0x1000'],
    ['hex in capitals and with zeros before', '0xAB', '0x00ab'],
    ['more than a JSON number can hold', '0xffffffffffffffff', '0xFFFFFFFFFFFFFFFF'],
    ['lists, element by element', ['0x1', 2], [1, '0x2']],
    ['records in any order', { a: 1, b: '0x2' }, { b: 2, a: 1 }],
  ])('%s', (_, one, other) => expect(isSame(one, other)).toBe(true))

  test.each([
    ['text that is no number', '4096', 4096],
    ['neighbours that a double cannot tell apart', '0xffffffffffffffff', '0xfffffffffffffffe'],
    ['a longer list', [1], [1, 0]],
    ['a list and a record', [], {}],
    ['a record with one field more', { a: 1 }, { a: 1, b: 2 }],
    ['a record with another field', { a: undefined }, { b: undefined }],
    ['something and nothing', 0, undefined],
    ['null and a record', null, {}],
    ['a number that JSON may have rounded', 2 ** 53, '0x20000000000000'],
    ['a field that every record inherits', { toString: undefined }, { a: undefined }],
  ])('but not %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(false)
    expect(isSame(other, one)).toBe(false)
  })

  test('whatever JSON can hold is the same as itself, read again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isSame(value, JSON.parse(JSON.stringify(value)))).toBe(true)
      }),
    )
  })
})

describe('field by field', () => {
  test('every field of either is compared', () => {
    const compared = compareResults(
      peek,
      { ret: 0, val: '0x61', vmlck_kb: 4 },
      { ret: 0, val: '0x62', kmsg: ['<3>DMAR: x'] },
    )
    expect(compared).toEqual({
      agreed: 1,
      differences: [
        { field: 'val', recorded: '0x61', said: '0x62' },
        { field: 'vmlck_kb', recorded: 4, said: undefined },
        { field: 'kmsg', recorded: undefined, said: ['<3>DMAR: x'] },
      ],
      notCompared: [],
    })
  })

  test('what relock cannot know is left out, with a reason, and the rest is not', () => {
    expect(compareResults(peek, { ret: 0, val: '0x61' }, { ret: -1, val: '0x62', unknown: ['val'] })).toEqual({
      agreed: 0,
      differences: [{ field: 'ret', recorded: 0, said: -1 }],
      notCompared: [{ field: 'val', reason: expect.stringContaining('what an earlier case left there') }],
    })
  })

  test('the list of what is unknown is itself no answer', () => {
    expect(compareResults(peek, { ret: 0 }, { ret: 0, unknown: ['val'] })).toMatchObject({ agreed: 1, differences: [] })
  })
})

describe('reasons', () => {
  const reason = (op: string, field: string, unknown: readonly string[]) =>
    whyNotCompared({ op }, field, { ret: 0 }, { ret: 0, unknown })

  test('the nearer rule gives it', () => {
    expect(reason('bar_read', 'val', ['val'])).toMatch(/^a register of the emulated device/)
    expect(reason('mlock', 'val', ['val'])).toBe('content that the case does not determine')
    expect(reason('peek', 'ret', ['ret'])).toBe('content that the case does not determine')
  })

  test('nothing is left out that relock is sure of, unless a rule says when', () => {
    const fields = rules.filter(({ when }) => !when).map(({ op, field }) => reason(op, field, []))
    expect(fields.filter((each) => each !== undefined)).toEqual([])
  })

  test('pinned memory is compared', () => {
    const map = { op: 'ioas_map' }
    expect(compareResults(map, { ret: 0, vmpin_kb: 4 }, { ret: 0 }).differences).toEqual([
      { field: 'vmpin_kb', recorded: 4, said: undefined },
    ])
  })

  test('the number of a device is compared where a case says it', () => {
    const bind = { op: 'bind_iommufd', fd: 'd', iommufd: 'c' }
    const said = { ret: 0, devid: 2 }
    expect(compareResults(bind, { ret: 0 }, said)).toMatchObject({
      agreed: 1,
      differences: [],
      notCompared: [{ field: 'devid' }],
    })
    expect(compareResults(bind, { ret: 0, devid: 2 }, said)).toMatchObject({ agreed: 2, differences: [] })
    expect(compareResults(bind, { ret: 0, devid: 3 }, said).differences).toEqual([
      { field: 'devid', recorded: 3, said: 2 },
    ])
  })
})
