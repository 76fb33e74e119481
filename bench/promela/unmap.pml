/* The DMA_UNMAP protocols of VFIO type1 for Spin, to be timed beside relock (docs/BENCHMARKS.md).
 *   VARIANT 1 under-lock   notify under iommu->lock
 *           2 per-mapping  per mapping unlock / notify / relock
 *           3 per-request  notify once per request, then lock
 *           4 restart      unlock / notify / search again, BUG after too many retries
 *   U unmappers, each of the whole range; P pinners (= vendor drivers = callbacks); M mappings;
 *   R pin rounds per pinner; RB the retry bound of variant 4 (100 is never reached).
 * Far smaller than relock's own model: one lock, no lock of the drivers, no notifier chain,
 * a callback is one locked step. One d_step is one transition.
 *     spin -DVARIANT=2 -DU=2 -DP=1 -DM=1 -DR=1 -a unmap.pml && gcc -O2 -DSAFETY -o pan pan.c && ./pan */
#ifndef VARIANT
#define VARIANT 4
#endif
#ifndef U
#define U 2
#endif
#ifndef P
#define P 2
#endif
#ifndef M
#define M 1
#endif
#ifndef R
#define R 1
#endif
#ifndef RB
#define RB 100
#endif
#ifndef LOOP
#define LOOP 0
#endif
#ifndef DET
#define DET 0	/* 0: mapping and unpin are free choices; 1: vendor p pins mapping p%M and keeps; 2: pins, then unpins */
#endif
#ifndef WARNBUG
#define WARNBUG 0
#endif

byte lock;            /* 0 = free, else pid+1 */
byte gone[M];         /* 1 = removed from dma_list (freed) */
byte pins[M];         /* bitmask of vendors holding a pin */
byte ndone;           /* finished unmappers (only for the liveness property) */

#define ME (_pid+1)

active [U] proctype unmap()
{
	byte dma, v;
#if VARIANT == 4
	byte last, tries;  /* last: dma+1 of the last notified mapping */
#endif
#if VARIANT == 3
	byte i;
	goto cb_lock;
#endif
top:	if :: d_step { lock == 0 -> lock = ME } fi;
find:	if :: d_step { dma = 0; do :: dma < M && gone[dma] -> dma++ :: else -> break od } fi;
check:
	if
	:: d_step { dma == M -> dma = 0 }; goto fin
#if VARIANT == 3
	:: d_step { dma < M -> skip }; goto remove
#else
	:: d_step { dma < M && pins[dma] == 0 -> skip }; goto remove
#if VARIANT == 4
	:: d_step { dma < M && pins[dma] != 0 ->
		if :: last == dma+1 -> tries++; assert(tries <= RB)
		   :: else -> last = dma+1; tries = 0
		fi }; goto unl
#else
	:: d_step { dma < M && pins[dma] != 0 -> skip };
#if VARIANT == 1
	   goto cb_lock
#else
	   goto unl
#endif
#endif
#endif
	fi;
#if VARIANT == 2 || VARIANT == 4
unl:	if :: d_step { lock = 0 } fi;
#endif
cb_lock:
	if :: d_step { lock == 0 -> lock = ME } fi;
#if VARIANT == 3
	d_step { i = 0; do :: i < M -> if :: !gone[i] -> pins[i] = pins[i] & (255 - (1<<v)) :: else fi; i++ :: else -> break od; i = 0 };
#else
	d_step { if :: !gone[dma] -> pins[dma] = pins[dma] & (255 - (1<<v)) :: else fi };
#endif
cb_unl:	if
	:: d_step { v <  P-1 -> v++; lock = 0 }; goto cb_lock
	:: d_step { v == P-1 -> v = 0; lock = 0 };
#if VARIANT == 4
	   d_step { lock == 0 -> dma = 0; lock = ME }; goto find
#elif VARIANT == 3
	   goto top
#elif VARIANT == 1
	   goto remove
#else
	   goto relock
#endif
	fi;
#if VARIANT == 2
relock:	if :: d_step { lock == 0 -> lock = ME } fi;
	if
	:: d_step { pins[dma] == 0 -> assert(!gone[dma]) }; goto remove	/* reads dma->pfn_list */
	:: d_step { pins[dma] != 0 -> assert(!gone[dma]); assert(!WARNBUG); dma = 0 }; goto fin	/* WARN_ON, break */
	fi;
#endif
remove:	if :: d_step { assert(!gone[dma]); assert(pins[dma] == 0); gone[dma] = 1; dma = 0 } fi; goto find;
fin:	if :: d_step { lock = 0; ndone++;
#if VARIANT == 4
		last = 0; tries = 0
#endif
	} fi;
end_u:	false
}

active [P] proctype pinner()
{
	byte m, r;
#define BIT (1 << (_pid - U))
end_pick:
	if
#if DET
	:: d_step { r < R -> m = (_pid - U) % M }
#else
	:: d_step { r < R -> m = 0 }
#if M > 1
	:: d_step { r < R -> m = 1 }
#endif
#if M > 2
	:: d_step { r < R -> m = 2 }
#endif
#if M > 3
	:: d_step { r < R -> m = 3 }
#endif
#if M > 4
	:: d_step { r < R -> m = 4 }
#endif
#endif
	fi;
	d_step { lock == 0 -> lock = ME };
	d_step { if :: !gone[m] -> pins[m] = pins[m] | BIT :: else fi };
	if
#if DET != 2
	:: d_step { lock = 0; m = 0; if :: LOOP :: else -> r++ fi }; goto end_pick	/* keep the page pinned */
#endif
#if DET != 1
	:: d_step { lock = 0 }
#endif
	fi;
#if DET != 1
	d_step { lock == 0 -> lock = ME };
	d_step { if :: !gone[m] -> pins[m] = pins[m] & (255 - BIT) :: else fi };
	d_step { lock = 0; m = 0; if :: LOOP :: else -> r++ fi }; goto end_pick
#endif
}

#ifdef LIVE
ltl done { <> (ndone == U) }
#endif
