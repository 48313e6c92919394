import { shown } from '../contract/shown.js'
import { malformed, PackageError } from './error.js'
import { Scanner } from './scanner.js'

/**
 * Fields that name other packages, in lower case. dpkg still reads two of them under their old names; Built-Using, Obsoletes and the
 * like are read by neither dpkg nor apt.
 */
const relationFields: ReadonlyMap<string, string> = new Map(
  [
    'Pre-Depends',
    'Depends',
    'Recommends',
    'Suggests',
    'Enhances',
    'Breaks',
    'Conflicts',
    'Replaces',
    'Provides',
    'Recommended',
    'Optional',
  ].map((name) => [name.toLowerCase(), name]),
)
const withoutAlternatives: readonly string[] = ['Breaks', 'Conflicts', 'Provides', 'Replaces']
const ofDpkgAlone: readonly string[] = ['Recommended', 'Optional']

/**
 * Refuses relations that dpkg or apt cannot read: with the first kind dpkg does not install the package; with the second `apt-get update`
 * ends with an error for all users of a repository that lists it.
 * @param fields of a control file, their names in lower case
 * @throws {PackageError} `package/malformed`
 */
export function refuseUnreadableRelations(fields: ReadonlyMap<string, string>, file: string): void {
  for (const [key, field] of relationFields) {
    const value = fields.get(key)
    if (value !== undefined) refuseUnreadable(field, value, file)
  }
}

function refuseUnreadable(field: string, value: string, file: string): void {
  const wrong = (expected: string, seen: string) => unfilled(field, value, file) ?? malformed(file, `${expected} in ${field}`, seen)
  // dpkg skips no line break before the first name, as apt does.
  if (value.startsWith('\n')) throw wrong('the first relation in the line that the field begins with', 'a line break before it')
  const rest = new Scanner(value)
  // dpkg takes an empty value for none.
  if (rest.skipBlanks().left === 0) return
  // dpkg 1.21, lib/dpkg/fields.c, f_dependency; apt 2.6, debListParser::ParseDepends. What only makes them warn is taken.
  for (;;) {
    const relation = rest.upTo(',')
    if (!rest.take(name)) throw wrong('relations such as "foo" or "foo (>= 1.0)"', shown(relation))
    if (rest.skipBlanks().take(opening)) {
      // apt asks for four characters more at the least, from the sign of the relation on.
      const atEnd = rest.skipBlanks().left < 4 && !ofDpkgAlone.includes(field)
      const version = versionIn(rest)
      if (version === undefined || !isVersion(version)) throw wrong('a version such as (>= 1.0) in brackets', shown(relation))
      if (atEnd) throw wrong('a space before the version in the last relation, without which apt does not read it,', shown(relation))
    }
    if (rest.skipBlanks().left === 0) return
    if (!rest.take(comma)) {
      if (!rest.take(bar)) throw wrong('a comma between the relations', shown(relation))
      if (withoutAlternatives.includes(field)) throw wrong('no alternatives (|)', shown(relation))
    }
    rest.skipBlanks()
  }
}

const name = /[A-Za-z0-9][A-Za-z0-9+._-]*(?::[A-Za-z0-9][A-Za-z0-9-]*)?/y
const [opening, closing, comma, bar] = [/\(/y, /\)/y, /,/y, /\|/y]
/** As dpkg reads it: `>` and none are old ways to write `>=` and `=`, and what follows `=` belongs to the version. */
const sign = /<[<=]|>[>=]|[<>](?![<>])|=|(?![<>])/y
const versionText = /[^ \t\n()]+/y

/** The version in a relation's brackets, behind the opening one. */
function versionIn(rest: Scanner): string | undefined {
  if (!rest.take(sign)) return undefined
  const version = rest.skipBlanks().taken(versionText)
  return rest.skipBlanks().take(closing) ? version : undefined
}

/** A substitution variable that a build tool should have filled in. */
function unfilled(field: string, text: string, file: string): PackageError | undefined {
  const variable = /\$\{[A-Za-z0-9][A-Za-z0-9:_-]{0,99}\}/.exec(text)?.[0]
  if (variable === undefined) return undefined
  return new PackageError({
    code: 'package/malformed',
    file,
    expected: `packages in ${field}`,
    seen: `the substitution variable ${shown(variable)}`,
    next: 'dpkg-gencontrol replaces it. If you call dpkg-deb alone, write the package names yourself.',
  })
}

/** Whether dpkg reads it: lib/dpkg/parsehelp.c, parseversion. Its characters can be any; dpkg only warns of them. */
function isVersion(text: string): boolean {
  const [, epoch, version = ''] = /^(?:([^:]*):)?(.*)$/s.exec(text) ?? []
  if (epoch !== undefined && !(/^[+-]?\d+$/.test(epoch) && Number(epoch) >= 0 && Number(epoch) < 2 ** 31)) return false
  return version !== '' && !version.endsWith('-') && version.lastIndexOf('-') !== 0
}
