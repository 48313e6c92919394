import { parseReleasePlan } from '@stagegate/schema'
import { describe, expect, inject, test } from 'vitest'
import type {} from '../../../../test/tasks/trust.mjs'
import { App } from '../app.js'
import { PublicRepo } from '../release/repositories.js'
import { Secret } from '../secret.js'
import { certificatesOf, gitlabRegistry, packagecloud, registry } from './index.js'

const { ca, server, foreign } = inject('authority')
const token = Secret.variable('TOKEN')

describe('the certificates of a PEM text', () => {
  test.each([
    ['one', ca, 1],
    ['several', `${ca}\n${foreign.certificate}`, 2],
    ['with comments around them', `# Company\nsubject=CN = x\n${ca}\n# the other\n${foreign.certificate}\n`, 2],
    ['with lines as on Windows', ca.replaceAll('\n', '\r\n'), 1],
    ['with longer lines', `-----BEGIN CERTIFICATE-----\n${ca.replace(/-----[A-Z ]+-----|\s/g, '')}\n-----END CERTIFICATE-----`, 1],
  ])('%s: written the same way again, and nothing else', (_, text, count) => {
    const certificates = certificatesOf(text, 'ca')
    expect(certificates.match(/^-----BEGIN CERTIFICATE-----$/gm)).toHaveLength(count)
    expect(certificatesOf(certificates, 'ca')).toBe(certificates)
    expect(certificates).not.toContain('#')
  })

  test.each([
    ['nothing', '', 'got none'],
    ['a path', 'certificates/company.pem', 'Pass the content of the file, not its path'],
    ['a damaged one', ca.replace(/(?<=CERTIFICATE-----\n.{10}).{8}/, 'AAAAAAAA'), 'damaged'],
    ['a request for one', ca.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'), 'got none'],
    ['a private key', server.key, 'private key'],
    ['a private key behind it', `${ca}\n${server.key}`, 'private key'],
  ])('%s is refused, and not repeated', (_, text, said) => {
    expect(() => certificatesOf(text, 'ca')).toThrow(said)
    const secret = server.key.split('\n')[1] ?? 'none'
    expect(() => certificatesOf(text, 'ca')).not.toThrow(secret)
  })
})

test('an authority is in the plan at each address that has one, and at no other', () => {
  const app = new App({ project: { url: 'https://gitlab.example', ca } })
  new PublicRepo(app, 'packages', { at: packagecloud('acme/stable', { url: 'https://packages.example', ca, token }) })
  new PublicRepo(app, 'images', { at: registry('registry.example/acme', { ca, username: 'acme', password: token }) })
  new PublicRepo(app, 'house', { at: gitlabRegistry('registry.example/acme/hello', { ca }) })
  new PublicRepo(app, 'elsewhere', { at: packagecloud('acme/other', { token }) })
  const plan = parseReleasePlan(JSON.stringify(app.synth().plan), 'release-plan.json')
  const certificates = certificatesOf(ca, 'ca')
  expect(plan.project.ca).toBe(certificates)
  expect(Object.entries(plan.repositories).map(([name, { ca }]) => [name, ca])).toEqual([
    ['packages', certificates],
    ['images', certificates],
    ['house', certificates],
    ['elsewhere', undefined],
  ])
})

test.each([
  () => new App({ project: { ca: 'none' } }),
  () => packagecloud('acme/stable', { token, ca: 'none' }),
  () => registry('registry.example', { ca: 'none' }),
  () => gitlabRegistry('registry.example/acme', { ca: 'none' }),
])('%s: an authority that is none is refused at its line', (make) => {
  expect(make).toThrow(TypeError)
})
