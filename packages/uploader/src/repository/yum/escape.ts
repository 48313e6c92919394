import { outsideXml } from '../../contract/outside-xml.js'

const outside = new RegExp(outsideXml.source, 'g')

/** Prose in an element: without the characters that XML does not allow. A return would be read as a line feed (XML 1.0, section 2.11). */
export function inElement(text: string): string {
  return text.replace(outside, '').replace(/[&<>\r]/g, (char) => escapes[char] ?? char)
}

/** The same in an attribute, between double quotes: white space would be read as spaces (section 3.3.3). */
export function inAttribute(text: string): string {
  return text.replace(outside, '').replace(/[&<>"\t\n\r]/g, (char) => escapes[char] ?? char)
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}
