import { isUtf8 } from 'node:buffer'
import { SaxesParser } from 'saxes'

export type Attributes = Readonly<Record<string, string>>

/** An element with a text and no elements. */
export interface Field {
  readonly name: string
  readonly attributes: Attributes
  readonly text: string
}

/** A child element of a document's root. */
export interface Child {
  readonly name: string
  readonly attributes: Attributes
  /** Its child elements that were requested. */
  readonly fields: readonly Field[]
  /** Its bytes in the document, from the first of its start tag to the last of its end tag. */
  readonly bytes: Buffer
}

/** How a document is read. */
export interface Reading {
  /** The name that its root must have. */
  readonly root: string
  /** The names of the elements that `fields` of a child lists. */
  readonly fields: ReadonlySet<string>
  /** Called with each child, in the document's order. */
  onChild(child: Child): void
}

/** A document of createrepo_c's has five. */
const deepest = 16
/** In bytes. The parser keeps only one such part of a document, and the current element. */
const partSize = 64 * 1024

/**
 * Checks that a document is well-formed, and splits it into the elements below its root. They keep their bytes. Between them are white
 * space and comments, which no client reads.
 * @returns the root's attributes
 * @throws {Error} with the place where the document breaks the rules; for a document type, which could define entities; for another
 *   encoding
 */
export function readChildren(document: Uint8Array, reading: Reading): Attributes {
  const bytes = charactersOf(document)
  // Every byte is one character, so positions in the text are offsets in the document. Everything except names, texts and values is ASCII.
  const cutter = new Cutter(bytes, reading, 'bytes')
  for (let at = 0; at < bytes.length; at += partSize) cutter.write(bytes.toString('latin1', at, at + partSize))
  return cutter.close()
}

/** @throws {Error} for bytes that are not XML characters; control characters are left to the parser */
export function charactersOf(document: Uint8Array): Buffer {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength)
  if (!isUtf8(bytes)) throw new Error('it is not UTF-8')
  if (bytes.includes('\ufffe') || bytes.includes('\uffff')) throw new Error('it has a character that XML does not allow')
  return bytes
}

/** Reads one element, which is not a whole document. @throws {Error} if it is not well-formed */
export function readElement(bytes: Buffer, fields: ReadonlySet<string>): Child {
  let read: Child | undefined
  const onChild = (child: Child) => {
    if (read !== undefined) throw new Error('it has more than one element')
    read = { ...child, bytes }
  }
  const cutter = new Cutter(bytes, { root: 'document', fields, onChild }, 'utf8')
  cutter.write(`<document>${bytes.toString('utf8')}</document>`)
  cutter.close()
  if (read === undefined) throw new Error('it has no element')
  return read
}

class Cutter {
  readonly #parser = new SaxesParser({ xmlns: false, position: false })
  readonly #bytes: Buffer
  readonly #reading: Reading
  readonly #read: 'bytes' | 'utf8'
  #depth = 0
  #root: Attributes | undefined
  #child: { start: number; name: string; attributes: Attributes; fields: Field[] } | undefined
  #field: { name: string; attributes: Attributes; text: string } | undefined

  /** @param read how the written bytes became text */
  constructor(bytes: Buffer, reading: Reading, read: 'bytes' | 'utf8') {
    this.#bytes = bytes
    this.#reading = reading
    this.#read = read
    this.#parser.on('error', (error) => {
      throw error
    })
    this.#parser.on('doctype', () => {
      throw new Error('it has a document type declaration')
    })
    this.#parser.on('processinginstruction', ({ target }) => {
      throw new Error(`it has a processing instruction for ${target}`)
    })
    this.#parser.on('xmldecl', ({ encoding = 'UTF-8', version = '1.0' }) => {
      if (encoding.toUpperCase() !== 'UTF-8' || version !== '1.0') throw new Error(`it is XML ${version} in ${encoding}`)
    })
    this.#parser.on('opentag', ({ name, attributes }) => this.#opened(name, attributes))
    this.#parser.on('closetag', () => this.#closed())
    this.#parser.on('text', (text) => this.#wrote(text))
    this.#parser.on('cdata', (text) => this.#wrote(text))
  }

  write(part: string): void {
    this.#parser.write(part)
  }

  close(): Attributes {
    this.#parser.close()
    if (this.#root === undefined) throw new Error('it has no element')
    return this.#root
  }

  #opened(name: string, attributes: Attributes): void {
    this.#depth++
    if (this.#depth > deepest) throw new Error(`it has elements nested more than ${deepest} deep`)
    if (this.#field !== undefined) throw new Error(`it has <${name}> in <${this.#field.name}>`)
    if ([name, ...Object.keys(attributes)].some((one) => beyondAscii.test(one))) throw new Error(`it has the name ${name}`)
    if (this.#depth === 1) {
      if (name !== this.#reading.root) throw new Error(`its root is <${name}>, not <${this.#reading.root}>`)
      if (!isAscii(attributes)) throw new Error(`it has non-ASCII characters in <${name}>`)
      this.#root = attributes
    } else if (this.#depth === 2) {
      // No value of an attribute has a bare <, so the tag starts here.
      this.#child = { start: this.#bytes.lastIndexOf('<', this.#parser.position - 1), name, attributes, fields: [] }
    } else if (this.#depth === 3 && this.#reading.fields.has(name)) {
      this.#field = { name, attributes, text: '' }
    }
  }

  #wrote(text: string): void {
    if (this.#field !== undefined) this.#field.text += text
    else if (this.#depth < 2 && text.trim() !== '') throw new Error('it has text between its elements')
  }

  #closed(): void {
    this.#depth--
    if (this.#depth === 2 && this.#field !== undefined) {
      this.#child?.fields.push(this.#field)
      this.#field = undefined
    } else if (this.#depth === 1 && this.#child !== undefined) {
      const { start, ...child } = this.#child
      this.#child = undefined
      const bytes = this.#bytes.subarray(start, this.#parser.position)
      // A byte per character is not enough to check characters beyond ASCII. These are rare.
      this.#reading.onChild(this.#read === 'utf8' || isAllAscii(child) ? { ...child, bytes } : readElement(bytes, this.#reading.fields))
    }
  }
}

function isAllAscii({ attributes, fields }: { readonly attributes: Attributes; readonly fields: readonly Field[] }): boolean {
  return isAscii(attributes) && fields.every((field) => isAscii(field.attributes) && !beyondAscii.test(field.text))
}

function isAscii(attributes: Attributes): boolean {
  for (const name in attributes) if (beyondAscii.test(attributes[name] ?? '')) return false
  return true
}
const beyondAscii = /[^\0-\x7f]/
