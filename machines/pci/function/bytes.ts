/** Bytes that may be unknown: what a device holds from before the case began. Numbers are little-endian. */
import { unknownByte } from '../../mm/extent.ts'

export type Byte = number | null

/** null when part of it is unknown. */
export const valueOf = (bytes: readonly Byte[]): bigint | null =>
  bytes.reduceRight<bigint | null>(
    (value, byte) => (value === null || byte === null ? null : (value << 8n) | BigInt(byte)),
    0n,
  )

export const bytesOf = (value: bigint | null, size: number): readonly Byte[] =>
  Array.from({ length: size }, (_, index) => (value === null ? null : Number((value >> BigInt(8 * index)) & 0xffn)))

export const textOf = (bytes: readonly Byte[]): string =>
  bytes.map((byte) => (byte === null ? unknownByte : String.fromCharCode(byte))).join('')

export const fromText = (text: string): readonly Byte[] =>
  Array.from(text, (one) => (one === unknownByte ? null : one.charCodeAt(0)))

/** The beginning of something of which only `known` is known. */
export const padded = (known: string, length: number): string => known.slice(0, length).padEnd(length, unknownByte)

export const zeros = (length: number): string => '\0'.repeat(length)
