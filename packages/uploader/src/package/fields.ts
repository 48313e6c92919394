import { shown } from '../contract/shown.js'
import { malformed } from './error.js'

/** The expectation that a value fails; `undefined` if it is fine. */
type Rule = (value: string) => string | undefined

// dpkg 1.21, lib/dpkg/fields.c, parse.c and parsehelp.c; apt 2.6, debListParser. With these, dpkg does not install what apt lists, or
// installs it as something else; with a wrong Description-md5 `apt-get update` fails for all users of a repository that lists it.
const rules: ReadonlyMap<string, Rule> = new Map([
  // dpkg appends it to the version, and apt does not.
  ...named(['revision', 'package-revision', 'package_revision'], () => 'the revision in Version, after its last dash'),
  ...named(
    ['status', 'conffiles', 'config-version', 'triggers-awaited', 'triggers-pending'],
    () => 'no field that belongs to dpkg’s database',
  ),
  ...named(['filename', 'size', 'md5sum', 'msdos-filename'], (value) => (/^\S+$/.test(value) ? undefined : 'one word, or no such field')),
  ...named(['essential', 'protected'], oneOf('yes', 'no')),
  ...named(['multi-arch'], oneOf('no', 'same', 'allowed', 'foreign')),
  ...named(['priority', 'class'], (value) =>
    /^\s*(?:required|important|standard|optional|extra)./is.test(value) ? 'nothing after the priority' : undefined,
  ),
  ...named(['description-md5'], (value) => (value === '' || value.length === 32 ? undefined : 'an MD5 of 32 hexadecimal digits')),
])

/**
 * Refuses fields with which dpkg or apt cannot read a package, or each reads another one.
 * @param fields of a control file, their names in lower case
 * @throws {PackageError} `package/malformed`
 */
export function refuseUnreadableFields(fields: ReadonlyMap<string, string>, file: string): void {
  for (const [name, value] of fields) {
    if (name.length < 2) throw malformed(file, 'names of two characters or more for the control file’s fields', shown(name))
    const expected = rules.get(name)?.(value)
    if (expected !== undefined) throw malformed(file, `${expected}, in the control file`, `a field ${name}: ${shown(value)}`)
  }
  if (fields.get('architecture') === 'all' && fields.get('multi-arch')?.toLowerCase() === 'same')
    throw malformed(file, 'no Multi-Arch: same in a package for all architectures', 'both')
}

function named(names: readonly string[], rule: Rule): readonly (readonly [string, Rule])[] {
  return names.map((name) => [name, rule])
}

/** An empty value is none. */
function oneOf(...words: readonly string[]): Rule {
  return (value) => (value === '' || words.includes(value.toLowerCase()) ? undefined : `one of ${words.join(', ')}`)
}
