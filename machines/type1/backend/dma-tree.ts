/**
 * The shape of iommu->dma_list: a red-black tree. It decides what a search finds once a mapping ends at 2^64: such a
 * mapping's end is 0 in the kernel's arithmetic, so a search that meets it goes the wrong way and misses whatever lies
 * beyond (seen on 6.1: a mapping below one of the last page is not found any more). Pure.
 *
 * Source: lib/rbtree.c, which balances as every textbook does; vfio_link_dma, which links a mapping of size 0.
 */

/** What the search compares, and where the mapping is in the tree. */
export interface TreeNode {
  readonly iova: bigint
  /** One past the last byte, modulo 2^64. */
  readonly end: bigint
  readonly left: string | null
  readonly right: string | null
  readonly parent: string | null
  readonly red: boolean
}

/** Node by the address of its mapping (`dma0`). */
export interface DmaTree {
  readonly root: string | null
  readonly nodes: Readonly<Record<string, TreeNode>>
}

export const emptyTree: DmaTree = { root: null, nodes: {} }

type Side = 'left' | 'right'
const other = (side: Side): Side => (side === 'left' ? 'right' : 'left')

type Draft = { -readonly [field in keyof TreeNode]: TreeNode[field] }

/** A tree while it is being changed. */
class Balancing {
  root: string | null
  readonly nodes: Record<string, Draft>

  constructor({ root, nodes }: DmaTree) {
    this.root = root
    this.nodes = Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, { ...node }]))
  }

  get done(): DmaTree {
    return { root: this.root, nodes: this.nodes }
  }

  isRed(id: string | null): boolean {
    return id !== null && this.nodes[id]!.red
  }

  sideOf(id: string): Side {
    const { parent } = this.nodes[id]!
    return this.nodes[parent!]!.left === id ? 'left' : 'right'
  }

  /** Whoever was at `id` below its parent, `next` is now. */
  replace(id: string, next: string | null): void {
    const { parent } = this.nodes[id]!
    if (parent === null) this.root = next
    else this.nodes[parent]![this.sideOf(id)] = next
    if (next !== null) this.nodes[next]!.parent = parent
  }

  /** Moves `id` down to the given side; its child on the other side comes up. */
  rotate(id: string, side: Side): void {
    const node = this.nodes[id]!
    const up = node[other(side)]!
    const inner = this.nodes[up]![side]
    this.replace(id, up)
    node[other(side)] = inner
    if (inner !== null) this.nodes[inner]!.parent = id
    this.nodes[up]![side] = id
    node.parent = up
  }

  afterInsert(inserted: string): void {
    let id = inserted
    for (;;) {
      const { parent } = this.nodes[id]!
      if (parent === null || !this.nodes[parent]!.red) break
      const grandparent = this.nodes[parent]!.parent!
      const side = this.sideOf(parent)
      const uncle = this.nodes[grandparent]![other(side)]
      if (this.isRed(uncle)) {
        this.nodes[parent]!.red = false
        this.nodes[uncle!]!.red = false
        this.nodes[grandparent]!.red = true
        id = grandparent
        continue
      }
      if (this.sideOf(id) !== side) this.rotate(parent, side)
      const top = this.nodes[grandparent]![side]!
      this.nodes[top]!.red = false
      this.nodes[grandparent]!.red = true
      this.rotate(grandparent, other(side))
      break
    }
    this.nodes[this.root!]!.red = false
  }

  /** Below `parent`, on `side`, one black node is missing. */
  afterErase(parent: string | null, side: Side): void {
    if (parent === null) return
    let sibling = this.nodes[parent]![other(side)]!
    if (this.isRed(sibling)) {
      this.nodes[sibling]!.red = false
      this.nodes[parent]!.red = true
      this.rotate(parent, side)
      sibling = this.nodes[parent]![other(side)]!
    }
    const { [side]: near, [other(side)]: far } = this.nodes[sibling]!
    if (!this.isRed(near) && !this.isRed(far)) {
      this.nodes[sibling]!.red = true
      if (!this.isRed(parent) && this.nodes[parent]!.parent !== null)
        return this.afterErase(this.nodes[parent]!.parent, this.sideOf(parent))
      this.nodes[parent]!.red = false
      return
    }
    if (!this.isRed(far)) {
      this.rotate(sibling, other(side))
      sibling = near!
    }
    this.nodes[sibling]!.red = this.nodes[parent]!.red
    this.nodes[parent]!.red = false
    this.nodes[this.nodes[sibling]![other(side)]!]!.red = false
    this.rotate(parent, side)
  }
}

/** Equal iovas (possible only where ends wrap): the newer one comes first. */
export function link(tree: DmaTree, id: string, iova: bigint, end: bigint): DmaTree {
  const draft = new Balancing(tree)
  let parent: string | null = null
  let side: Side = 'left'
  for (let at = draft.root; at !== null; at = draft.nodes[at]![side]) {
    parent = at
    side = iova <= draft.nodes[at]!.iova ? 'left' : 'right'
  }
  draft.nodes[id] = { iova, end, left: null, right: null, parent, red: true }
  if (parent === null) draft.root = id
  else draft.nodes[parent]![side] = id
  draft.afterInsert(id)
  return draft.done
}

export function unlink(tree: DmaTree, id: string): DmaTree {
  const draft = new Balancing(tree)
  const node = draft.nodes[id]!
  if (node.left !== null && node.right !== null) {
    // The successor takes its place and colour.
    let successor = node.right
    while (draft.nodes[successor]!.left !== null) successor = draft.nodes[successor]!.left!
    const moved = draft.nodes[successor]!
    const isChild = moved.parent === id
    const gapParent = isChild ? successor : moved.parent!
    const gapSide: Side = isChild ? 'right' : 'left'
    const lostBlack = !moved.red
    const below = moved.right
    draft.replace(successor, below)
    draft.replace(id, successor)
    moved.left = node.left
    draft.nodes[node.left]!.parent = successor
    moved.right = node.right
    if (node.right !== null) draft.nodes[node.right]!.parent = successor
    moved.red = node.red
    delete draft.nodes[id]
    if (draft.isRed(below)) draft.nodes[below!]!.red = false
    else if (lostBlack) draft.afterErase(gapParent, gapSide)
    return draft.done
  }
  const child = node.left ?? node.right
  const { parent, red } = node
  const side = parent === null ? 'left' : draft.sideOf(id)
  draft.replace(id, child)
  delete draft.nodes[id]
  if (child !== null) draft.nodes[child]!.red = false
  else if (!red) draft.afterErase(parent, side)
  return draft.done
}

const wrap = (address: bigint): bigint => BigInt.asUintN(64, address)

/** vfio_find_dma: whichever overlapping mapping is met first on the way down. */
export function search({ root, nodes }: DmaTree, iova: bigint, size: bigint): string | null {
  let at = root
  while (at !== null) {
    const node = nodes[at]!
    if (wrap(iova + size) <= node.iova) at = node.left
    else if (iova >= node.end) at = node.right
    else return at
  }
  return null
}

/** vfio_find_dma_first_node: the lowest mapping that ends after `iova`, if it begins before the range ends. */
export function searchFirst({ root, nodes }: DmaTree, iova: bigint, size: bigint): string | null {
  let at = root
  let first: string | null = null
  while (at !== null) {
    const node = nodes[at]!
    if (iova >= node.end) at = node.right
    else {
      first = at
      if (iova >= node.iova) break
      at = node.left
    }
  }
  return first !== null && nodes[first]!.iova < wrap(iova + size) ? first : null
}
