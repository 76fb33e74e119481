/** What a story of VFIO may be made of: the types of scenario.ts, told again for whoever has no compiler. */
import { inversions } from '../../explore/shapes.ts'
import { protocolNames, type Protocol } from '../../actors/kernel/unmap/protocol-names.ts'
import { callable, oneOf, oneOrMore, optional, record, such, that, type Broken } from '../../shapes/shape.ts'
import { tasksShape } from '../choice-shape.ts'
import type { Mutant, Story } from './scenario.ts'
import type { Expected } from '../told.ts'
import { about, claims, expectations, family, orders } from '../told-shape.ts'

const protocols = oneOrMore<Protocol>(`a list of protocols: ${protocolNames.join(', ')}`, oneOf(protocolNames))
const describe = 'a function of what was chosen that answers a description'
const defaultIsTold = ({ unmap, byDefault }: Story): Broken | undefined =>
  unmap === undefined || byDefault === undefined || unmap.includes(byDefault)
    ? undefined
    : { at: ['byDefault'], expected: `one of its protocols: ${unmap.join(', ')}`, known: unmap }

/** A file has one scenario: its mutants would be passed over. */
const noMutants = that<readonly Mutant[]>(
  'nothing: a mutant is a scenario of its own, made by scenario() in another file',
  (given) => Array.isArray(given) && given.length === 0,
)

export const storyShape = such(
  record<Story>({
    ...about,
    family,
    inversions,
    order: orders<NonNullable<Story['order']>>(),
    unmap: optional(protocols),
    byDefault: optional(oneOf(protocolNames)),
    tasks: optional(tasksShape),
    describe: callable(describe),
    properties: optional(claims<NonNullable<Story['properties']>>()),
    mutants: optional(noMutants),
    expected: optional(expectations<Expected>()),
  }),
  defaultIsTold,
)
