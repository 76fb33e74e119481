/** Objects with a life: allocated, freed, and pointed to by whoever kept a pointer. */
import type { Pointer, Struct } from '../pointer.ts'
import type { Into, PointerIn } from '../place.ts'
import type { KernelObject } from '../object.ts'
import { asking, keeping, type Asking, type Locals, type Step } from '../step.ts'
import { initialFields } from '../struct.ts'
import { choose } from './choose.ts'

/**
 * Allocates an object, whose fields begin as its struct says, and keeps the pointer. `may: 'fail'`: or there is no memory, and it is NULL;
 * both are looked at. `gfp`: who waits for memory sleeps, unless it is GFP_ATOMIC. Leads to: a leak, if nothing leads to the object when all is
 * over; sleeping function called from invalid context.
 */
export const kzalloc = <L, M>(
  of: Struct<M>,
  into: Into<L, Pointer<NoInfer<M>>>,
  { may, gfp = 'GFP_KERNEL' }: { readonly may?: 'fail'; readonly gfp?: 'GFP_KERNEL' | 'GFP_ATOMIC' } = {},
): Step<L> => {
  const allocation = allocating(of, into, gfp)
  return may === 'fail' ? choose<any>([allocation], [keeping(`${into} = NULL`, () => ({ [into]: null }))]) : allocation
}

const allocating = (of: Struct, into: string, gfp: 'GFP_KERNEL' | 'GFP_ATOMIC'): Step<any> =>
  asking(
    {
      says: `${into} = kzalloc(${of.name}${gfp === 'GFP_KERNEL' ? '' : `, ${gfp}`})`,
      waits: gfp === 'GFP_KERNEL' ? 'sleeps' : 'not',
      to: () => of.name,
      at: of.name,
      whom: of.name,
      type: 'ALLOC',
      with: (_, site) => ({ fields: initialFields(of), site }),
      answers: { ANSWER: { into, value: ({ ptr }) => ptr } },
    },
    { uses: [of], allocates: [of] },
  )

/**
 * Frees what a local points to; the local keeps pointing there. NULL is freed without a word, as the kernel does. Leads to: double-free, and a
 * use-after-free for whoever follows a pointer to it later.
 */
export const kfree = <L>(local: PointerIn<L>): Step<L> => ({
  compile: (chart) => {
    const struct = chart.structOf(local)
    // Whatever lies in it and is still queued or armed is told of first, as debug objects do.
    const lost = Object.entries(struct.members).flatMap(([member, { freed }]) =>
      freed === undefined ? [] : [asking(freeing(local, member, freed))],
    )
    const free = asking({
      says: `kfree(${local})`,
      to: () => struct.name,
      at: struct.name,
      whom: struct.name,
      type: 'FREE',
      with: (locals, site) => ({ ptr: locals[local], site }),
      skips: (locals) => locals[local] === null,
      waits: 'not',
      answers: { ANSWER: {} },
    })
    return chart.sequence([...lost, free])
  },
})

const freeing = (local: string, member: string, freed: NonNullable<KernelObject['freed']>): Asking => {
  const told = (locals: Locals) => freed(`${(locals[local] as Pointer).id}.${member}`)
  return {
    says: `kfree(${local})`,
    to: (locals) => told(locals).to,
    whom: `${local}->${member}`,
    type: 'FREED',
    with: (locals) => ({ piece: told(locals).piece }),
    skips: (locals) => locals[local] === null,
    answers: { ANSWER: {} },
    quiet: true,
    waits: 'not',
  }
}
