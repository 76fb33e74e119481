/** Mutants of how cases are read: what is taken for right, and what is said of the rest. */
import { inFile, type Mutant } from './mutant.ts'

export const ofReading: readonly Mutant[] = [
  ...inFile('conform/check.ts', [
    [
      "'outcomes' in given || 'reps' in given",
      "'outcomes' in given",
      'a race without outcomes is no race',
      'conform/read',
    ],
    [
      "new Set(noSuchProcess(given['results']))",
      'new Set()',
      'nobody can record that a process was not there',
      'conform/read',
    ],
    ['!isCount(seed, 0)', '!isCount(seed, 1)', '0 is no seed', 'conform/read'],
    ['if (wanted.needed !== true || field in op) continue', 'continue', 'every field may be left out', 'conform/read'],
    [
      '!Object.hasOwn(operations, name)',
      '!(name in operations)',
      'what every record inherits is an operation',
      'conform/read',
    ],
    ['!Object.hasOwn(fields, field)', '!(field in fields)', 'what every record inherits is a field', 'conform/read'],
    [
      "if (what === 'fork' || what === 'thread') processes",
      "if (what === 'fork') processes",
      'threads are not there',
      'conform/read',
    ],
    ['    checkMade(op as Bag, index)\n', '', 'processes may have names of the machine', 'conform/read'],
    [
      "for (const field of ['proc', 'target'])",
      "for (const field of ['proc'])",
      'anybody can be killed',
      'conform/read',
    ],
  ]),
  ...inFile('conform/check-race.ts', [
    ['!isCount(reps, 1)', '!isCount(reps, 0)', 'a race that was never tried', 'conform/read'],
    [
      ".length < 2)\n    wrong({\n      of: 'the race',\n      field: 'barrier',\n      fact: 'has no two",
      ".length < 1)\n    wrong({\n      of: 'the race',\n      field: 'barrier',\n      fact: 'has no two",
      'one operation races',
      'conform/read',
    ],
    ['if (seen > reps)', 'if (seen >= reps)', 'outcomes may not be seen each time', 'conform/read'],
    [
      'begins.includes(what) && index >= start',
      'begins.includes(what) && index > start',
      'the first that races may make its thread',
      'conform/read',
    ],
    ['if (ends.includes(what))', 'if (false as boolean)', 'threads may end in a race', 'conform/read'],
    ["if (what === 'await') misplaced", 'if (false as boolean) misplaced', 'who waits may race', 'conform/read'],
    ['if (racing.size < 2)', 'if (racing.size < 1)', 'a thread races with itself', 'conform/read'],
    ['&& !racing.has(makerOf(op as Op))', '&& false', 'one may wait for whoever does not race', 'conform/read'],
    [
      "!isCount(outcome['count'], 1)",
      "!isCount(outcome['count'], 0)",
      'an outcome that was never seen',
      'conform/read',
    ],
    ['if (open >= 0)', 'if (open > 0)', 'the first result of an outcome may be open', 'conform/read'],
  ]),
  ...inFile('conform/check-results.ts', [
    ['given.length !== ops.length', 'given.length < ops.length', 'more results than operations', 'conform/read'],
    [
      "if ('ret' in result || 'pending' in result) return",
      "if ('ret' in result) return",
      'what is pending has come back with something',
      'conform/read',
    ],
  ]),
  ...inFile('conform/wrong.ts', [
    [
      'Number.isSafeInteger(x) && (x as number) >= least',
      'Number.isFinite(x) && (x as number) >= least',
      'half a time is a count',
      'conform/read',
    ],
  ]),
  ...inFile('conform/results.ts', [
    [
      "typeof x === 'string' && /^\\w+$/.test(x)",
      "typeof x === 'string'",
      'an errno may be a sentence',
      'conform/read',
    ],
    [
      'true: (x) => x === true',
      "true: (x) => typeof x === 'boolean'",
      'what has not happened is said to be false',
      'conform/read',
    ],
    [
      "(typeof x === 'string' && /^0x[\\da-f]+$/i.test(x))",
      "typeof x === 'string'",
      'any text is a number',
      'conform/read',
    ],
    [
      'x !== null && !Array.isArray(x) && isShallow(x)',
      'x !== null && isShallow(x)',
      'a list is a record',
      'conform/read',
    ],
    ['(depth < deepest && ', '(', 'results may be as deep as they like', 'conform/read'],
  ]),
  ...inFile('conform/read.ts', [
    ['    if (bad.length === mostWrong) return\n', '', 'each of a million wrong lines is remembered', 'conform/read'],
    ['if (isEmpty) throw', 'if (false as boolean) throw', 'an empty file holds cases', 'conform/read'],
    ['!/[\\]}]\\s*$/.test(text)', 'true', 'whatever is no JSON was cut', 'conform/read'],
    ['if (!(error instanceof Wrong)) throw error', '', 'our own faults are told as slips of the file', 'conform/read'],
  ]),
  ...inFile('conform/files.ts', [
    [String.raw`/\.jsonl(?:\.gz)?$/`, String.raw`/\.jsonl$/`, 'folders hold nothing compressed', 'conform/read'],
    ["if (text !== '') yield", 'yield', 'an empty line is a case', 'conform/read'],
    ['let line = 1', 'let line = 0', 'lines begin at 0', 'conform/read'],
    ['recursive: true', 'recursive: false', 'only the files at the top of a folder', 'conform/read'],
    [
      '.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)',
      '',
      'a folder may be called like a file of cases',
      'conform/read',
    ],
    [
      '    if (statSync(file).size > mostBytes) throw new NoCases(file, tooLong)\n',
      '',
      'files may be as long as they like',
      'conform/read',
    ],
    [
      'bytes[0] === 0x1f && bytes[1] === 0x8b',
      'bytes[0] === 0x1f',
      'what begins with one odd byte is compressed',
      'conform/read',
    ],
  ]),
  ...inFile('conform/pick.ts', [
    ['  if (exact.length > 0) return exact\n', '', 'a whole name is only part of one', 'conform/suite'],
    [
      'at = found + part.length',
      'at = found',
      'two parts of a pattern may be the same piece of the name',
      'conform/suite',
    ],
    ['name.indexOf(part, at)', 'name.indexOf(part)', 'parts of a pattern may stand in any order', 'conform/suite'],
  ]),
]
