import { exactly, latin1, mustReach, type PackageBytes } from './bytes.js'
import { malformed, shown, tooLarge } from './error.js'

/** One file in an ar archive, by where it lies. */
export interface ArMember {
  readonly name: string
  /** Of its first byte, from the start of the archive. */
  readonly offset: number
  /** In bytes. */
  readonly size: number
}

export const arMagic = '!<arch>\n'
const headerSize = 60
/** deb(5) has three members; signing tools add a few that begin with `_`. */
const memberLimit = 32

/**
 * The members of an ar archive, as deb(5) uses it: names of up to 16 characters, no tables of long ones.
 * Only headers are read, but every member must lie wholly in the file.
 * @throws {PackageError}
 */
export async function arMembers(from: PackageBytes): Promise<readonly ArMember[]> {
  const members: ArMember[] = []
  let offset = arMagic.length
  while (offset < from.size) {
    if (members.length === memberLimit) throw tooLarge(from.file, `at most ${memberLimit} members`, 'more')
    const member = parseHeader(
      latin1(await exactly(from, offset, headerSize, `the header of member ${members.length + 1}`)),
      offset,
      from.file,
    )
    mustReach(from, member.offset + member.size, `${member.size} bytes of ${shown(member.name)}`)
    members.push(member)
    // Members start at even offsets; dpkg-deb does not miss the padding after the last.
    offset = member.offset + member.size + (member.size % 2)
  }
  return members
}

// ar(5): name 16, mtime 12, uid 6, gid 6, mode 8, size 10 (decimal), all padded with spaces, then "`\n".
function parseHeader(header: string, offset: number, file: string): ArMember {
  if (header.slice(58) !== '`\n') throw malformed(file, `an ar header at byte ${offset}`, shown(header))
  // GNU ar ends names in a slash, dpkg-deb does not.
  const name = header.slice(0, 16).trimEnd().replace(/\/$/, '')
  const size = /^(\d{1,10}) *$/.exec(header.slice(48, 58))?.[1]
  if (size === undefined) throw malformed(file, `a decimal size for ${shown(name)}`, shown(header.slice(48, 58)))
  return { name, offset: offset + headerSize, size: Number(size) }
}
