import { existsSync } from 'node:fs'
import { createServer, request } from 'node:https'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Authority } from './authority.mjs'
import { capture } from './rehearsal.mjs'

const authority = inject('authority')
const root = new URL('../..', import.meta.url).pathname

/** A server with this certificate; its port. */
async function serve({ certificate, key }: Authority['server']): Promise<number> {
  const server = createServer({ cert: certificate, key }, (_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  return address.port
}

function ask(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => resolve(String(response.resume().statusCode)))
      .once('error', reject)
      .end()
  })
}

test.each(['localhost', '127.0.0.1', '[::1]'])('the run trusts its own servers as %s', async (host) => {
  expect(await ask(`https://${host}:${await serve(authority.server)}/`)).toBe('200')
})

test.each<[keyof Authority, string]>([
  ['expired', 'CERT_HAS_EXPIRED'],
  ['notYetValid', 'CERT_NOT_YET_VALID'],
  ['wrongName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['foreign', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['foreignChain', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
])('a certificate that is %s is not trusted', async (name, code) => {
  const tls = authority[name]
  if (typeof tls === 'string') throw new Error('Expected a server’s')
  await expect(ask(`https://localhost:${await serve(tls)}/`)).rejects.toMatchObject({ code })
})

const script = (port: number) => ['-e', `fetch('https://localhost:${port}').then((answer) => answer.text()).then(console.log)`]

test('a Node process of the run trusts them too, and a job does not', async () => {
  const words = script(await serve(authority.server))
  const ours = { NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] ?? '' }
  const options = { cwd: root, timeout: 20_000 }
  expect(await capture(process.execPath, words, { ...options, variables: ours })).toMatchObject({ exitCode: 0, output: 'hello\n' })
  expect(await capture(process.execPath, words, options)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/certificate/) })
})

test('the machine’s own authorities are still trusted, npm gets only those, and the folder of the run is deleted', async () => {
  const machine = join(root, 'package.json')
  const program = `
    import { readFileSync } from 'node:fs'
    import { ensureAuthority, machineCertificates } from './test/tasks/trust.mjs'
    const [{ ca }, again] = [await ensureAuthority(), await ensureAuthority()]
    const trusted = readFileSync(process.env.NODE_EXTRA_CA_CERTS, 'utf8')
    const both = trusted.includes(ca) && trusted.includes(readFileSync('package.json', 'utf8'))
    console.log(JSON.stringify({ folder: process.env.STAGEGATE_TEST_AUTHORITY, machine: machineCertificates(), both, same: again.ca === ca }))`
  const { exitCode, stdout } = await capture(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    timeout: 20_000,
    variables: { NODE_EXTRA_CA_CERTS: machine },
  })
  const { folder, ...rest } = JSON.parse(stdout)
  expect([exitCode, rest, existsSync(folder)]).toEqual([0, { machine, both: true, same: true }, false])
})
