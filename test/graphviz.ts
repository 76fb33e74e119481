/** Graphviz itself. One of it for all who draw: each has a memory of its own, and to make room for that everything else is swept. */
import { instance } from '@viz-js/viz'

export const graphviz = await instance()
