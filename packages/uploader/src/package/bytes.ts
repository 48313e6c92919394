import { malformed } from './error.js'

/** A package's bytes, read in places and never as a whole: packages have gigabytes, what identifies them kilobytes. */
export interface PackageBytes {
  /** The name of the file, for messages. */
  readonly file: string
  /** In bytes. */
  readonly size: number
  /** At most `length` bytes from `offset`, fewer only where the file ends. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/**
 * Exactly the bytes asked for.
 * @throws {PackageError} `package/malformed` where the file ends before them
 */
export async function exactly(from: PackageBytes, offset: number, length: number, what: string): Promise<Uint8Array> {
  if (offset + length > from.size) throw endsEarly(from, what)
  const read = await from.read(offset, length)
  // The file became shorter while it was read.
  if (read.length !== length) throw endsEarly(from, what)
  return read
}

/** @throws {PackageError} `package/malformed` where the file ends before the place that a length in it leads to */
export function mustReach(from: PackageBytes, end: number, what: string): void {
  if (end > from.size) throw endsEarly(from, what)
}

/** Bytes as text, one character each: names and versions are ASCII, and what is not must stay visible. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** For numbers in network byte order. */
export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function inMemory(file: string, bytes: Uint8Array): PackageBytes {
  return { file, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

function endsEarly(from: PackageBytes, what: string) {
  return malformed(from.file, what, `the end of the file after ${from.size} bytes`)
}
