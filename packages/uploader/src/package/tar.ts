import { shown } from '../contract/shown.js'
import { latin1 } from './bytes.js'
import { malformed, tooLarge } from './error.js'

const block = 512
/** In bytes. The times and owners of one file take some hundred. */
const extendedHeaderLimit = 64 * 1024

interface Entry {
  readonly name: string
  readonly type: string
  /** The target of a link. */
  readonly target: string
  readonly content: Uint8Array
}
const [hardLink, symbolicLink] = ['1', '2']

/**
 * The one regular file of that name at the top of a tar archive.
 *
 * Readers of tar differ on doubtful archives (which of two files wins, where a link leads, what a second name means), and what is read
 * here must be what apt and dpkg read. So doubtful ones are refused: symbolic links, renaming headers, `..`, absolute paths, and the same
 * name twice. Hard links are fine among other files: two maintainer scripts that are one file are packed so by dpkg-deb.
 * @throws {PackageError} `package/malformed`, `package/too-large`
 */
export function fileInTar(tar: Uint8Array, wanted: string, file: string): Uint8Array {
  let found: Uint8Array | undefined
  const others = new Set<string | undefined>()
  for (const { name, type, target, content } of entries(tar, file)) {
    if (type === 'x' || type === 'g') {
      mustBeHarmless(content, file)
      continue
    }
    // dpkg keeps maintainer scripts under other names, and then finds nothing behind such a link: the script is never run.
    if (type === symbolicLink) throw malformed(file, 'no symbolic links in the control archive', `${shown(name)} to ${shown(target)}`)
    if (type === hardLink) {
      const from = nameAtTop(name)
      if (from === undefined || from === wanted || !others.has(nameAtTop(target)) || content.length > 0)
        throw malformed(file, `hard links to files before them, and not of ${wanted}`, `${shown(name)} to ${shown(target)}`)
      continue
    }
    if (type !== '0' && type !== '\0' && type !== '5')
      throw malformed(file, 'only files and directories in the control archive', `${shown(name)} of type ${shown(type)}`)
    // In the oldest tar a slash at the end was all that told a directory. GNU tar still reads what follows one as the next header.
    const isDirectory = type === '5' || name.endsWith('/')
    if (isDirectory && content.length > 0) throw malformed(file, `a directory ${shown(name)} without content`, `${content.length} bytes`)
    const parts = name.split('/').filter((part) => part !== '' && part !== '.')
    if (name.startsWith('/') || parts.includes('..')) throw malformed(file, 'relative paths without .. in the control archive', shown(name))
    if (parts.length !== 1 || parts[0] !== wanted) {
      if (!isDirectory && parts.length === 1) others.add(parts[0])
      continue
    }
    if (isDirectory) throw malformed(file, `a regular file ${wanted}`, 'a directory')
    // apt does not find it by another spelling.
    if (name !== wanted && name !== `./${wanted}`) throw malformed(file, `the name ${wanted} or ./${wanted}`, shown(name))
    if (found !== undefined) throw malformed(file, `one file ${wanted} in the control archive`, 'two')
    found = content
  }
  if (found === undefined) throw malformed(file, `a file ${wanted} in the control archive`, 'none')
  return found
}

/** `postinst` of `./postinst` or `postinst`; nothing of any other spelling. */
function nameAtTop(path: string): string | undefined {
  return /^(?:\.\/)?([^/]*[^/.][^/]*)$/.exec(path)?.[1]
}

// POSIX.1-2017 pax, "ustar Interchange Format".
function* entries(tar: Uint8Array, file: string): Generator<Entry> {
  for (let offset = 0; ; ) {
    const header = tar.subarray(offset, offset + block)
    if (header.length < block) throw malformed(file, `an end of the control archive`, `none after ${tar.length} bytes`)
    // The end is marked by empty blocks. Some readers stop at the first and some at the second, so nothing may follow.
    if (header.every((byte) => byte === 0)) {
      if (!tar.subarray(offset).every((byte) => byte === 0))
        throw malformed(file, 'nothing after the end of the control archive', 'more of it')
      return
    }
    if (!hasItsChecksum(header)) throw malformed(file, `a tar header at byte ${offset} of the control archive`, 'something else')
    const size = octal(header.subarray(124, 136))
    if (size === undefined) throw malformed(file, 'an octal size in the control archive', shown(latin1(header.subarray(124, 136))))
    const start = offset + block
    const next = start + Math.ceil(size / block) * block
    if (next > tar.length) throw malformed(file, `${size} bytes at byte ${start} of the control archive`, `its end after ${tar.length}`)
    const name = untilNul(header.subarray(0, 100))
    // ustar's way to longer names: tar puts it in front of the name, apt does not look at it.
    const prefix = untilNul(header.subarray(345, 500))
    if (prefix !== '') throw malformed(file, 'names of at most 100 characters in the control archive', shown(`${prefix}/${name}`))
    const type = latin1(header.subarray(156, 157))
    yield { name, type, target: untilNul(header.subarray(157, 257)), content: tar.subarray(start, start + size) }
    offset = next
  }
}

// The checksum counts its own field as spaces.
function hasItsChecksum(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  return octal(header.subarray(148, 156)) === sum
}

function octal(field: Uint8Array): number | undefined {
  const digits = /^ *([0-7]{1,11})[ \0]*$/.exec(latin1(field))?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}

function untilNul(field: Uint8Array): string {
  const end = field.indexOf(0)
  return latin1(end === -1 ? field : field.subarray(0, end))
}

// Extended headers are `length key=value\n`. Python's tarfile writes times this way; path, size and GNU.sparse.* would change what an entry is.
function mustBeHarmless(records: Uint8Array, file: string): void {
  if (records.length > extendedHeaderLimit)
    throw tooLarge(file, `extended tar headers of at most ${extendedHeaderLimit} bytes`, `${records.length}`)
  let rest = latin1(records)
  while (rest !== '') {
    const [, length, key] = /^(\d{1,7}) (mtime|atime|ctime|uid|gid|uname|gname|comment)=/.exec(rest) ?? []
    const size = Number(length)
    if (key === undefined || size > rest.length || rest[size - 1] !== '\n') {
      throw malformed(file, 'extended tar headers about times and owners only', shown(rest))
    }
    rest = rest.slice(size)
  }
}
