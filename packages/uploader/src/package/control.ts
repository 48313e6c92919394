import { malformed, shown } from './error.js'

/**
 * The fields of a control file: deb822(5), one stanza. Names are in lower case.
 * @throws {PackageError} `package/malformed` for whatever two readers could understand differently
 */
export function parseControl(text: string, file: string): ReadonlyMap<string, string> {
  const control = /[\0-\x08\x0b-\x1f\x7f]/.exec(text)
  if (control !== null) throw malformed(file, 'a control file without control characters', shown(control[0]))
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of text.replace(/\n+$/, '').split('\n')) {
    if (line.trim() === '') throw malformed(file, 'one stanza in the control file', 'an empty line in it')
    if (/^[ \t]/.test(line)) {
      if (last === undefined) throw malformed(file, 'a control file that begins with a field', shown(line))
      fields.set(last, `${fields.get(last)}\n${line}`)
      continue
    }
    const [, name, value] = /^([!"$-,.-9;-~][!-9;-~]*):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw malformed(file, 'a field in the control file', shown(line))
    last = name.toLowerCase()
    if (fields.has(last)) throw malformed(file, `one field ${name} in the control file`, 'two')
    fields.set(last, value)
  }
  return fields
}
