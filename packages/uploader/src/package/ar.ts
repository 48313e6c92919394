import { shown } from '../contract/shown.js'
import { exactly, latin1, mustReach, type PackageBytes } from './bytes.js'
import { malformed, tooLarge } from './error.js'

/** One file in an ar archive, by where it lies. */
export interface ArMember {
  readonly name: string
  /** The offset of its first byte in the archive. */
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
 * Only headers are read, but every member must lie wholly in the file, with the byte that makes its size even: apt asks for it
 * even after the last.
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
    offset = member.offset + member.size + (member.size % 2)
    mustReach(from, offset, `${member.size} bytes of ${shown(member.name)}`)
    members.push(member)
  }
  return members
}

// ar(5): name 16, mtime 12, uid 6, gid 6, mode 8, size 10 (decimal), all padded with spaces, then "`\n".
function parseHeader(header: string, offset: number, file: string): ArMember {
  if (header.slice(58) !== '`\n') throw malformed(file, `an ar header at byte ${offset}`, shown(header))
  // GNU ar ends names in a slash, dpkg-deb does not. BSD's and GNU's forms for longer ones (`#1/20`, `//`, `/12`) are read by apt
  // and not by dpkg: a second control archive could hide behind one.
  const name = /^([A-Za-z0-9_][A-Za-z0-9._+-]*)\/? *$/.exec(header.slice(0, 16))?.[1]
  if (name === undefined) throw malformed(file, 'a plain member name of letters, digits and ._+-', shown(header.slice(0, 16)))
  const size = /^(\d{1,10}) *$/.exec(header.slice(48, 58))?.[1]
  if (size === undefined) throw malformed(file, `a decimal size for ${shown(name)}`, shown(header.slice(48, 58)))
  return { name, offset: offset + headerSize, size: Number(size) }
}
