import type { Random } from './random.js'

/** What breaks readers of numbers. */
const numbers = ['0', '-1', '1', '00', '255', '65536', '2147483648', '4294967295', '9007199254740993', '1e999', '0x10', '']
const bytes = [0, 1, 9, 10, 13, 0x1b, 0x20, 0x22, 0x25, 0x2d, 0x2e, 0x2f, 0x30, 0x3a, 0x3c, 0x5b, 0x5c, 0x7b, 0x7f, 0x80, 0xc3, 0xed, 0xff]

export interface Material {
  readonly others: readonly Uint8Array[]
  /** Words of the format. */
  readonly dictionary: readonly string[]
  /** In bytes. */
  readonly largest: number
}

/** The input with some things changed: a few, so that it goes on to be read for a while. */
export function mutated(input: Uint8Array, material: Material, random: Random): Buffer {
  let result: Buffer = Buffer.from(input)
  for (let left = 1 + random.below(random.oneIn(4) ? 8 : 2); left > 0; left--) {
    result = mutations[random.below(mutations.length)]?.(result, material, random) ?? result
    if (result.length > material.largest) result = result.subarray(0, material.largest)
  }
  return result
}

type Mutation = (input: Buffer, material: Material, random: Random) => Buffer

const mutations: readonly Mutation[] = [
  // One byte, or one bit.
  (input, _material, random) => {
    const at = random.below(input.length)
    const byte = input[at]
    if (byte !== undefined) input[at] = random.oneIn(2) ? random.of(bytes) : byte ^ (1 << random.below(8))
    return input
  },
  // A number of 32 bits, up or down a little.
  (input, _material, random) => {
    const at = random.below(Math.max(1, (input.length >> 2) - 1)) * 4
    if (at + 4 <= input.length) input.writeUInt32BE((input.readUInt32BE(at) + random.below(33) - 16) >>> 0, at)
    return input
  },
  // A piece away.
  (input, _material, random) => {
    const [at, length] = piece(input, random)
    return Buffer.concat([input.subarray(0, at), input.subarray(at + length)])
  },
  // A piece a second time, or many times.
  (input, { largest }, random) => {
    const [at, length] = piece(input, random)
    const times = random.oneIn(16) ? Math.floor(largest / Math.max(16, length)) : 1 + random.below(4)
    const part = input.subarray(at, at + length)
    return Buffer.concat([input.subarray(0, at), Buffer.alloc(part.length * times, part), input.subarray(at)])
  },
  // A piece many times, its numbers counting up: names that refer to one another.
  (input, _material, random) => {
    const [at, length] = piece(input, random)
    const part = input.subarray(at, at + length).toString('latin1')
    const times = random.of([2, 20, 500])
    const counted = Array.from({ length: times }, (_, count) => part.replaceAll(/\d+/g, (digits) => String(Number(digits) + count)))
    return Buffer.concat([input.subarray(0, at), Buffer.from(counted.join(''), 'latin1'), input.subarray(at)])
  },
  // A piece of another input.
  (input, { others }, random) => {
    const other = Buffer.from(random.of([input, ...others]))
    const [from, length] = piece(other, random)
    const at = random.below(input.length + 1)
    return Buffer.concat([input.subarray(0, at), other.subarray(from, from + length), input.subarray(at + random.below(2) * length)])
  },
  // A word of the format, put in or in the place of as many bytes.
  (input, { dictionary }, random) => {
    const word = Buffer.from(random.of(['', ...dictionary]), 'latin1')
    const at = random.below(input.length + 1)
    return Buffer.concat([input.subarray(0, at), word, input.subarray(at + random.below(2) * word.length)])
  },
  // Another number in digits.
  (input, _material, random) => {
    const text = input.toString('latin1')
    const found = [...text.slice(0, 64 * 1024).matchAll(/\d+/g)]
    if (found.length === 0) return input
    const { index, 0: digits } = random.of(found)
    return Buffer.from(`${text.slice(0, index)}${random.of(numbers)}${text.slice(index + digits.length)}`, 'latin1')
  },
  // A word of the format very many times.
  (input, { dictionary, largest }, random) => {
    if (!random.oneIn(6)) return input
    const at = random.below(input.length + 1)
    const word = random.of([' ', '\n', '[', '(', ...dictionary])
    const many = Buffer.from(word.repeat(Math.floor(random.of([100, 5_000, largest]) / Math.max(1, word.length))), 'latin1')
    return Buffer.concat([input.subarray(0, at), many, input.subarray(at)])
  },
  // An end.
  (input, _material, random) => (random.oneIn(4) ? input.subarray(0, random.below(input.length + 1)) : input),
]

function piece(input: Uint8Array, random: Random): readonly [at: number, length: number] {
  const at = random.below(input.length)
  return [at, Math.min(input.length - at, 1 + random.below(random.oneIn(4) ? 512 : 16))]
}
