// node bare.mjs FROM TO: copies a file from one server to another, and prints its sha256.
import http from 'node:http'
import https from 'node:https'
import { answerOf, copyGathered } from '../gathered.mjs'

const [from, to] = process.argv.slice(2)
const { request } = from.startsWith('https:') ? https : http
const asked = request(from)
asked.end()
const source = await answerOf(asked)
const put = request(to, { method: 'PUT', headers: { 'content-length': source.headers['content-length'] } })
const answered = answerOf(put)
const sha256 = await copyGathered(source, put)
const { statusCode } = (await answered).resume()
if (statusCode !== 201) throw new Error(`answered ${statusCode}`)
console.log(sha256)
