import { readFileSync } from 'node:fs'
import { aptRepository, Secret, s3, yumRepository } from 'stagegate'

const server = { region: 'eu-central-1' }
const keys = (name: string) => ({
  accessKeyId: Secret.variable(`${name}_KEY_ID`),
  secretAccessKey: Secret.variable(`${name}_SECRET_KEY`),
})

// Private: where packages wait. Jobs that only read have keys that cannot write.
export const staged = s3('acme-staging', { ...server, credentials: keys('STAGING'), readCredentials: keys('STAGED') })

// Anybody can read this folder of the bucket, and the jobs that publish can write to it.
const packages = s3('acme-packages', { ...server, prefix: 'linux', credentials: keys('PACKAGES') })
const signed = {
  on: packages,
  signWith: Secret.file('PACKAGES_SIGNING_KEY'),
  certificates: readFileSync(new URL('release-key.asc', import.meta.url), 'utf8'),
}
export const debian = aptRepository({ ...signed, path: 'debian', origin: 'Acme', label: 'Acme' })
export const redHat = yumRepository({ ...signed, path: 'rpm' })
