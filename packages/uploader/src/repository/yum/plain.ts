import { type Attributes, type Child, charactersOf, type Field, type Reading, readChildren, readElement } from './xml.js'

// The parser handles each character separately, and needs seconds for some thousand packages. This is a second reader, for the part of XML
// that createrepo_c and similar tools write: tags with double quotes, text, references that need no other character. It accepts nothing
// that is not well-formed, and leaves everything else to the parser. A test compares the two.

const space = '[ \\t\\r\\n]'
const name = '[A-Za-z][\\w.-]*(?::[A-Za-z][\\w.-]*)?'
const reference = '&(?:amp|lt|gt|quot|apos|#9|#10|#13);'
const run = (also: string) => `[^<>&\\0-\\x08\\x0b\\x0c\\x0e-\\x1f${also}]*`
const attributes = `(?:${space}+${name}="${run('"')}(?:${reference}${run('"')})*")*`
const token = new RegExp(`${run('')}(?:${reference}${run('')})*<(/?)(${name})(${attributes})${space}*(/?)>`, 'y')
const attribute = new RegExp(`(${name})="([^"]*)"`, 'g')
const declaration = `<\\?xml version="1\\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")?${space}*\\?>`

/**
 * Reads a document as `readChildren` does, but fast if all its children have the same name.
 * @throws {Error} as `readChildren` does
 */
export function readMany(document: Uint8Array, reading: Reading, child: string): Attributes {
  const cut = cutAt(charactersOf(document), reading.root, child)
  const children = cut && childrenOf(cut.elements, reading.fields)
  // The parser says where it is broken, or that it is only unusual.
  if (cut === undefined || children === undefined) return readChildren(document, reading)
  for (const one of children) reading.onChild(one)
  return cut.attributes
}

/** `undefined` if one is not an element. */
function childrenOf(elements: readonly Buffer[], fields: ReadonlySet<string>): readonly Child[] | undefined {
  try {
    return elements.map((bytes) => {
      const plain = readPlain(bytes.toString('latin1'), fields)
      return plain === undefined ? readElement(bytes, fields) : { ...plain, bytes }
    })
  } catch {
    return undefined
  }
}

interface Cut {
  readonly attributes: Attributes
  /** If each is one element, the document is well-formed. */
  readonly elements: readonly Buffer[]
}

/** `undefined` for a document with anything but such elements and white space below its root. */
function cutAt(bytes: Buffer, root: string, child: string): Cut | undefined {
  // Comments, instructions and similar, in which a tag is not a tag.
  if (bytes.includes('<!') || bytes.indexOf('<?', 1) !== -1) return undefined
  const start = new RegExp(`^(?:${declaration})?${space}*<${root}(${attributes})${space}*>`).exec(bytes.toString('latin1', 0, edge))
  if (start === null || repeats.test(start[1] ?? '') || !isVerbatim(start[1] ?? '')) return undefined
  const elements: Buffer[] = []
  let at = skipSpace(bytes, start[0].length)
  while (bytes.toString('latin1', at, at + child.length + 1) === `<${child}`) {
    const end = bytes.indexOf(`</${child}>`, at)
    if (end === -1) return undefined
    elements.push(bytes.subarray(at, end + child.length + 3))
    at = skipSpace(bytes, end + child.length + 3)
  }
  const isEnd = bytes.length - at < edge && new RegExp(`^</${root}${space}*>${space}*$`).test(bytes.toString('latin1', at))
  return isEnd ? { attributes: attributesIn(start[1] ?? ''), elements } : undefined
}
/** In bytes. Tags, and the text before the first child or after the last, have about a hundred. `repeats` takes the square of it. */
const edge = 8192

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at++
  return at
}

/** An element whose bytes are characters. `undefined` if the parser has to look. */
function readPlain(text: string, wanted: ReadonlySet<string>): Omit<Child, 'bytes'> | undefined {
  const open: string[] = []
  const fields: Field[] = []
  let element: Pick<Child, 'name' | 'attributes'> | undefined
  let field: { readonly name: string; readonly attributes: Attributes } | undefined
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const [whole, end, name = '', attributeText = '', empty] = token.exec(text) ?? []
    // After the element, or before it.
    if (whole === undefined || (open.length === 0 && (element !== undefined || whole[0] !== '<'))) return undefined
    if (end === '/') {
      if (attributeText !== '' || empty === '/' || open.pop() !== name) return undefined
      if (field === undefined) continue
      const value = whole.slice(0, whole.lastIndexOf('<'))
      if (!isVerbatim(value)) return undefined
      fields.push({ ...field, text: value })
      field = undefined
      continue
    }
    if (field !== undefined || open.length === deepest || attributeText.length > edge || repeatsOne(attributeText)) return undefined
    if (open.length === 0 || (open.length === 1 && wanted.has(name))) {
      if (!isVerbatim(attributeText)) return undefined
      const tag = { name, attributes: attributesIn(attributeText) }
      if (open.length === 0) element = tag
      else if (empty === '/') fields.push({ ...tag, text: '' })
      else field = tag
    }
    if (empty === '') open.push(name)
  }
  return element === undefined || open.length > 0 ? undefined : { ...element, fields }
}
/** Less than the parser allows below the root. */
const deepest = 14

function repeatsOne(attributes: string): boolean {
  // Most tags have one or none.
  return attributes.indexOf('=') !== attributes.lastIndexOf('=') && repeats.test(attributes)
}
/** The same attribute twice: no value contains a quotation mark. */
const repeats = new RegExp(`${space}(${name})="[^]*${space}\\1="`)

function attributesIn(text: string): Attributes {
  const all: Record<string, string> = {}
  attribute.lastIndex = 0
  for (let found = attribute.exec(text); found !== null; found = attribute.exec(text)) all[found[1] ?? ''] = found[2] ?? ''
  return all
}

/** Text that a parser returns unchanged: no reference, no line end, and one byte for each character. */
function isVerbatim(text: string): boolean {
  return /^[ -%'-~]*$/.test(text)
}
