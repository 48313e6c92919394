import { expect, test } from 'vitest'
import { issuedToken } from './issued-token.js'

test.each([
  ['{"token":"T"}', 'T', 60],
  ['{"access_token":"A"}', 'A', 60],
  ['{"token":"T","access_token":"A","expires_in":300}', 'T', 300],
  ['{"token":"","access_token":"A"}', 'A', 60],
  ['{"token":null,"access_token":"A"}', 'A', 60],
  ['{"token":"T","access_token":null,"refresh_token":null,"issued_at":null}', 'T', 60],
  ['{"token":"T","expires_in":null}', 'T', 60],
  ['{"token":"T","expires_in":"300"}', 'T', 300],
  ['{"token":"T","expires_in":"299.5"}', 'T', 299.5],
  ['{"token":"T","expires_in":"soon"}', 'T', 60],
  ['{"token":"T","expires_in":""}', 'T', 60],
  ['{"token":"T","expires_in":"1e9"}', 'T', 60],
  ['{"token":"T","expires_in":[300]}', 'T', 60],
  ['{"token":"T","expires_in":-5}', 'T', 0],
  ['{"token":"T","expires_in":1e300}', 'T', 86_400],
])('%j is the token %s for %d seconds', (text, token, life) => {
  expect(issuedToken(text)).toEqual({ token, life })
})

test.each([
  ['', 'its answer is not a JSON object'],
  ['<html>', 'its answer is not a JSON object'],
  ['[]', 'its answer is not a JSON object'],
  ['null', 'its answer is not a JSON object'],
  ['{}', 'token is missing, and access_token is missing'],
  ['{"token":""}', 'token is empty, and access_token is missing'],
  ['{"access_token":null}', 'token is missing, and access_token is empty'],
  ['{"token":7}', 'token is not a string'],
  ['{"token":false,"access_token":"A"}', 'token is not a string'],
  ['{"token":null,"access_token":{}}', 'access_token is not a string'],
  ['{"token":"a b"}', 'token has characters that cannot be sent'],
  ['{"token":"a\\r\\nx: y"}', 'token has characters that cannot be sent'],
])('%j is none: %s', (text, wrong) => {
  expect(issuedToken(text)).toEqual({ wrong })
})
