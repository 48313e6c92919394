import { expect, test } from 'vitest'
import { commandLinesOf } from './command-line.js'

const found = (line: string) => commandLinesOf({ script: [line] }, new Set(['TOKEN'])).map(({ variable }) => variable)

test.each([
  'curl -u $TOKEN https://x.example',
  'curl -u "user:${TOKEN}" https://x.example',
  'A=b curl -H "X: $TOKEN"',
  'cd x && ./push --token=$TOKEN',
  'if true; then push $TOKEN; fi',
  'push ${TOKEN:?missing}',
  'push "it\'s $TOKEN"',
])('%s shows the secret to other processes', (line) => {
  expect(found(line)).toEqual(['TOKEN'])
})

test.each([
  'echo "$TOKEN" | docker login --password-stdin',
  'export OTHER=$TOKEN',
  'TOKEN_COPY=$TOKEN push',
  "push '$TOKEN'",
  'push \\$TOKEN',
  'push $TOKEN_FILE',
  'push <<< "$TOKEN"',
  ': "${TOKEN:?missing}"',
  '[ -n "$TOKEN" ]',
])('%s does not', (line) => {
  expect(found(line)).toEqual([])
})
