import { SaxesParser } from 'saxes'

/** An element of an answer: its own text, and the elements in it. */
export interface Element {
  readonly name: string
  readonly text: string
  readonly children: readonly Element[]
}

/** A page of a list has 1000 entries of some ten elements each. */
const mostElements = 50_000
const deepest = 20

interface Open {
  readonly name: string
  text: string
  readonly children: Element[]
}

/** Parses an answer. `undefined`: it is not XML, or larger than any answer. Only XML's own entities are known. */
export function parseXml(text: string): Element | undefined {
  const open: Open[] = []
  let root: Element | undefined
  let elements = 0
  const parser = new SaxesParser({ xmlns: false })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name }) => {
    elements++
    if (elements > mostElements || open.length === deepest) throw new Error('too much of it')
    open.push({ name, text: '', children: [] })
  })
  const add = (piece: string) => {
    const inner = open.at(-1)
    if (inner !== undefined) inner.text += piece
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const closed = open.pop()
    const outer = open.at(-1)
    if (closed === undefined) return
    if (outer === undefined) root = closed
    else outer.children.push(closed)
  })
  try {
    parser.write(text.trim()).close()
  } catch {
    return undefined
  }
  return root
}

/** The text of the first element of that name in another one. */
export function textIn(element: Element | undefined, name: string): string | undefined {
  return element?.children.find((child) => child.name === name)?.text
}

/** Escapes a text for an element. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
