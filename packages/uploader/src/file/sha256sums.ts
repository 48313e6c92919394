import { isSha256, type Sha256, UsageError } from '@stagegate/schema'

/** A file with the digest that it must have. */
export interface ExpectedFile {
  /** Its name in the list. */
  readonly file: string
  /** The digest that it must have. */
  readonly sha256: Sha256
}

// sha256sum and shasum: two spaces, or a space and a star where the file was read as binary. https://www.gnu.org/software/coreutils/md5sum
const plain = /^(?<escaped>\\?)(?<digest>[0-9a-f]{64}) [ *](?<name>.+)$/i
// With --tag, as BSD writes it.
const tagged = /^(?<escaped>\\?)SHA256 \((?<name>.+)\) = (?<digest>[0-9a-f]{64})$/i

/**
 * Reads the lines that `sha256sum` and `shasum -a 256` write, BSD's form too. Empty lines and comments (`#`) are skipped.
 * @throws {UsageError} another line, two digests of one file, or no file at all
 * @example
 * parseSha256Sums('b5bb9d80…  hello-1.2.3.tar.gz\n') // [{ file: 'hello-1.2.3.tar.gz', sha256: 'b5bb9d80…' }]
 */
export function parseSha256Sums(text: string): readonly ExpectedFile[] {
  if (typeof text !== 'string') throw wrong('it is not a string', "Read the file with 'utf8'.")
  const files = new Map<string, Sha256>()
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const { escaped, digest = '', name = '' } = (plain.exec(line) ?? tagged.exec(line))?.groups ?? {}
    const sha256 = digest.toLowerCase()
    if (!isSha256(sha256))
      throw wrong(
        `line ${index + 1} does not have the form that sha256sum writes`,
        'Each line has 64 hexadecimal digits, two spaces and a name.',
      )
    // A name with a line break or a backslash is written with escapes, which a backslash before the digest says.
    const file = escaped === '\\' ? name.replaceAll(/\\([\\nr])/g, (_, letter: string) => escapes[letter] ?? letter) : name
    const before = files.get(file)
    if (before !== undefined && before !== sha256) throw wrong(`line ${index + 1} gives ${file} a second digest`, 'Keep only one of them.')
    files.set(file, sha256)
  }
  if (files.size === 0) throw wrong('it names no file', 'Pass the content of the file that sha256sum wrote.')
  return [...files].map(([file, sha256]) => ({ file, sha256 }))
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\' }

function wrong(what: string, next: string): UsageError {
  return new UsageError({ code: 'usage/sha256sums', where: 'the list of checksums', what, next })
}
