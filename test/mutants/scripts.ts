/** Scripts whose way parts, made worse. */
import { inFile, type Mutant } from './mutant.ts'

export const ofScripts: readonly Mutant[] = [
  ...inFile('machines/kernel/tasks/free-task.ts', [
    ['step.branch[String(returned)] ?? step.otherwise', 'step.otherwise', 'no branch is taken', 'machines/task'],
    [
      'results = results.slice(0, rounds.at(-1))',
      'results = results.slice(0)',
      'a loop is no circle: each round remembers those before',
      'machines/task',
    ],
    ['rounds = rounds.slice(0, -1)', 'rounds = rounds.slice(0)', 'who has left a loop is still in it', 'machines/task'],
    ['      returned = step.ret\n', '', 'a call that fails has returned what the one before did', 'machines/task'],
    [
      'pc: step.choose[event.side]!',
      'pc: step.choose[0]!',
      'whichever way is chosen, the first is gone',
      'machines/task',
    ],
  ]),
  ...inFile('actors/scripts/script.ts', [
    [
      '    for (const place of places) this.made',
      '    for (const place of places.slice(1)) this.made',
      'behind the first way the script begins again',
      'vfio/choices',
    ],
    ['      this.all(parts, left)\n      return', '      return', 'a branch has nothing in it', 'vfio/choices'],
    [
      "...under('otherwise', placed(control.otherwise)),",
      '',
      'what stands behind `otherwise` is nobody’s call',
      'vfio/choices',
    ],
  ]),
]
