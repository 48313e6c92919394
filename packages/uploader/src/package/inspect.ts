import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { expectText } from '../contract/options.js'
import { shown } from '../contract/shown.js'
import { arMagic } from './ar.js'
import { latin1, type PackageBytes } from './bytes.js'
import { inspectDeb } from './deb.js'
import { PackageError } from './error.js'
import type { PackageIdentity } from './identity.js'
import { inspectRpm, rpmMagic } from './rpm.js'

/**
 * Who a package says it is: format, name, complete version and architecture, read from inside the .deb or .rpm and never taken from
 * its file name. Reads what it needs and no more: a .deb's control archive, parts of an .rpm's headers.
 * @param path of a regular file, or of a link to one
 * @throws {UsageError} a path that is no text
 * @throws {PackageError} when it cannot be read, is no package, or is not one that apt or dnf would read in only one way
 * @example
 * const { name, version, architecture } = await inspectPackage('dist/acme_1.2.3_amd64.deb')
 */
export async function inspectPackage(path: string): Promise<PackageIdentity> {
  expectText('path', path, 'dist/acme_1.2.3_amd64.deb')
  let handle: FileHandle | undefined
  try {
    // Without waiting for the other end, should it be a named pipe.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return await inspectBytes(await bytesOf(path, handle))
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause && 'code' in cause)) throw cause
    throw new PackageError({
      code: 'package/unreadable',
      file: path,
      expected: 'a package that can be read',
      seen: String(cause.code),
      cause,
    })
  } finally {
    await handle?.close()
  }
}

/** The same, of bytes from anywhere. */
export async function inspectBytes(from: PackageBytes): Promise<PackageIdentity> {
  const start = await from.read(0, 8)
  if (latin1(start) === arMagic) return inspectDeb(from)
  if (rpmMagic.every((byte, at) => start[at] === byte)) return inspectRpm(from)
  const seen = start.length === 0 ? 'an empty file' : `one that begins with ${shown(latin1(start))}`
  throw new PackageError({ code: 'package/not-a-package', file: from.file, expected: 'a .deb or .rpm package', seen })
}

async function bytesOf(path: string, handle: FileHandle): Promise<PackageBytes> {
  const stat = await handle.stat()
  if (!stat.isFile()) throw new PackageError({ code: 'package/unreadable', file: path, expected: 'a regular file', seen: 'something else' })
  return {
    file: path,
    size: stat.size,
    read: async (offset, length) => {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset)
      return buffer.subarray(0, bytesRead)
    },
  }
}
