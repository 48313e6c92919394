import { shown } from '../contract/shown.js'
import { malformed } from './error.js'

/**
 * The fields of a control file: deb822(5), one stanza. Names are in lower case. Takes time in proportion to the text.
 * @throws {PackageError} `package/malformed` for whatever two readers could understand differently
 */
export function parseControl(text: string, file: string): ReadonlyMap<string, string> {
  const control = /[\0-\x08\x0b-\x1f\x7f]/.exec(text)
  if (control !== null) throw malformed(file, 'a control file without control characters', shown(control[0]))
  // Neither dpkg nor apt reads a last line without its end.
  if (!text.endsWith('\n')) throw malformed(file, 'a line feed at the end of the control file', 'none')
  const lines = text.split('\n')
  lines.length = lines.findLastIndex((line) => line !== '') + 1
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of lines) {
    if (line.trim() === '') throw malformed(file, 'one stanza in the control file', 'an empty line in it')
    if (/^[ \t]/.test(line)) {
      if (last === undefined) throw malformed(file, 'a control file that begins with a field', shown(line))
      fields.set(last, `${fields.get(last)}\n${line}`)
      continue
    }
    const name = /^[!"$-,.-9;-~][!-9;-~]*(?=:)/.exec(line)?.[0]
    if (name === undefined) throw malformed(file, 'a field in the control file', shown(line))
    last = name.toLowerCase()
    if (fields.has(last)) throw malformed(file, `one field ${name} in the control file`, 'two')
    fields.set(last, trimmed(line.slice(name.length + 1)))
  }
  // dpkg takes it for a file that was cut short, unless an empty line follows.
  if (last !== undefined && fields.get(last) === '' && !text.endsWith('\n\n'))
    throw malformed(file, 'a value in the last field of the control file', `an empty ${last}`)
  return fields
}

/** Without the spaces and tabs around it; any other kind of space belongs to the value. */
function trimmed(text: string): string {
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t'
  let [start, end] = [0, text.length]
  while (isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return text.slice(start, end)
}
