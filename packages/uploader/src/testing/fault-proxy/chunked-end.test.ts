import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedEnd } from './chunked-end.js'

const chunk = fc
  .record({ data: fc.uint8Array({ minLength: 1, maxLength: 40 }), extension: fc.constantFrom('', ';a=b', ' ;a="b c"') })
  .map(({ data, extension }) => Buffer.concat([Buffer.from(`${data.length.toString(16)}${extension}\r\n`), data, Buffer.from('\r\n')]))
const trailer = fc.constantFrom('', 'X: y\r\n', 'X: y\r\nZ: 0\r\n')

test('a chunked body ends where it ends, however it is cut up', () => {
  fc.assert(
    fc.property(fc.array(chunk), trailer, fc.array(fc.integer({ min: 1, max: 50 })), (chunks, trailer, cuts) => {
      const body = Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)])
      const stream = Buffer.concat([body, Buffer.from('HTTP/1.1 200 OK\r\n\r\n')])
      const end = new ChunkedEnd()
      let taken = 0
      for (let turn = 0; !end.reached; turn++) {
        const piece = stream.subarray(taken, taken + (cuts[turn % cuts.length] ?? 1))
        const here = end.take(piece)
        expect(end.reached || here === piece.length).toBe(true)
        taken += here
      }
      expect(taken).toBe(body.length)
    }),
  )
})

test.each(['\r\n', 'x\r\n', '-1\r\n', '1\n', '123456789\r\n', `1;${'x'.repeat(9000)}`])('%j is no chunk', (line) => {
  expect(() => new ChunkedEnd().take(Buffer.from(line))).toThrow(/chunk/)
})
