// node bare.mjs FROM TO: copies an image from one registry to another with the requests that a verified copy takes, four layers at a time.
import http from 'node:http'
import https from 'node:https'
import { answerOf, copyGathered } from '../gathered.mjs'

const [from, to] = process.argv.slice(2)
const { Agent, request } = from.startsWith('https:') ? https : http
const agent = new Agent({ keepAlive: true })
const mediaType = 'application/vnd.oci.image.manifest.v1+json'

const manifest = await bytesOf(await ask('GET', `${from}/v2/app/manifests/staged`, { headers: { accept: mediaType } }))
const { config, layers } = JSON.parse(manifest)
const queue = [config, ...layers]
const copyAll = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await copy(next)
}
await Promise.all(Array.from({ length: 4 }, copyAll))
const headers = { 'content-type': mediaType, 'content-length': manifest.length }
expectStatus(201, await ask('PUT', `${to}/v2/app/manifests/1.0.0`, { headers, body: manifest }))
agent.destroy()

/** Looked for, read, written, and looked for again. */
async function copy({ digest, size }) {
  expectStatus(404, await ask('HEAD', `${to}/v2/app/blobs/${digest}`))
  const source = await ask('GET', `${from}/v2/app/blobs/${digest}`)
  const opened = expectStatus(202, await ask('POST', `${to}/v2/app/blobs/uploads/`, { headers: { 'content-length': 0 } }))
  const place = new URL(opened.headers.location)
  place.searchParams.set('digest', digest)
  const put = request(place, { method: 'PUT', agent, headers: { 'content-length': size, 'content-type': 'application/octet-stream' } })
  const answered = answerOf(put)
  const sha256 = await copyGathered(source, put)
  if (`sha256:${sha256}` !== digest) throw new Error(`expected ${digest}, got ${sha256}`)
  expectStatus(201, await answered)
  expectStatus(200, await ask('HEAD', `${to}/v2/app/blobs/${digest}`))
}

function ask(method, url, { headers = {}, body } = {}) {
  const asked = request(url, { method, agent, headers })
  asked.end(body)
  return answerOf(asked)
}

function expectStatus(status, answer) {
  if (answer.statusCode !== status) throw new Error(`expected ${status}, got ${answer.statusCode}`)
  return answer.resume()
}

async function bytesOf(answer) {
  const chunks = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks)
}
