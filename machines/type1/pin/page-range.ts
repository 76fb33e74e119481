/** Pages one after the other, as a driver names them to vfio_pin_pages since 6.0: the first, and how many. */

import { pageSize } from '../../mm/extent.ts'

/** VFIO_PIN_PAGES_MAX_ENTRIES: as many page numbers as fit into a page. */
export const mostPages = 512

export const pagesFrom = (iova: bigint, npage = 1): readonly bigint[] =>
  Array.from({ length: npage }, (_, page) => BigInt.asUintN(64, iova + BigInt(page) * pageSize))
