import type { Size } from './requests.js'

/** A byte position in a message: 0, 1, middle, last and behind the last, of its head and of its body. */
export interface Spot {
  readonly name: string
  /** Within the head or the body, after all of it, or behind that. */
  readonly where: 'head' | 'body' | 'all' | 'beyond'
  /** Counted from the head's first byte. */
  readonly at: (size: Size) => number
}

const middle = (size: number) => Math.floor(size / 2)
const inHead: readonly Spot[] = [
  { name: 'byte 0 of its head', where: 'head', at: () => 0 },
  { name: 'byte 1 of its head', where: 'head', at: () => 1 },
  { name: 'the middle of its head', where: 'head', at: ({ head }) => middle(head) },
  { name: 'the last byte of its head', where: 'head', at: ({ head }) => head - 1 },
]
const inBody: readonly Spot[] = [
  { name: 'byte 0 of its body', where: 'body', at: ({ head }) => head },
  { name: 'byte 1 of its body', where: 'body', at: ({ head }) => head + 1 },
  { name: 'the middle of its body', where: 'body', at: ({ head, body }) => head + middle(body) },
  { name: 'the last byte of its body', where: 'body', at: ({ head, body }) => head + body - 1 },
]
const ends: readonly Spot[] = [
  { name: 'its end', where: 'all', at: ({ head, body }) => head + body },
  { name: 'one byte more than it has', where: 'beyond', at: ({ head, body }) => head + body + 1 },
]

export function spots(hasBody: boolean): readonly Spot[] {
  return [...inHead, ...(hasBody ? inBody : []), ...ends]
}
