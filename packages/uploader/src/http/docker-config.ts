import { UsageError } from '@stagegate/schema'
import * as v from 'valibot'

/** The file that `docker login` writes, and that Kubernetes and podman write. */
const DockerAccount = v.object({ auth: v.optional(v.string()), username: v.optional(v.string()), password: v.optional(v.string()) })
const DockerConfig = v.object({ auths: v.optional(v.record(v.string(), DockerAccount)) })

/** Docker Hub's account is written under the address of its first API. */
const dockerHub = ['registry-1.docker.io', 'index.docker.io', 'docker.io']

/**
 * The account for a host.
 * @param whose the secret's name, for messages
 * @throws {UsageError} another text; no account for the host
 */
export function accountIn(text: string, whose: string, host: string): readonly [username: string, password: string] {
  const config = v.safeParse(v.pipe(v.string(), v.parseJson(), DockerConfig), text)
  const names = dockerHub.includes(host) ? dockerHub : [host]
  for (const [name, { auth, username, password }] of config.success ? Object.entries(config.output.auths ?? {}) : []) {
    // An entry for one path of a host does not cover the whole host.
    if (
      !names.includes(
        name
          .toLowerCase()
          .replace(/^https?:\/\//, '')
          .replace(/\/(v[12]\/?)?$/, ''),
      )
    )
      continue
    const decoded = auth === undefined ? `${username ?? ''}:${password ?? ''}` : Buffer.from(auth, 'base64').toString('utf8')
    const [, user, secret] = /^([^\p{Cc}:]+):([^\p{Cc}]+)$/u.exec(decoded) ?? []
    if (user !== undefined && secret !== undefined) return [user, secret]
  }
  throw new UsageError({
    code: 'usage/secret-malformed',
    what: `${whose} ${config.success ? `has no account for ${host}` : 'is not a Docker config.json'}`,
    next: 'It must hold the file that docker login writes, with the accounts in it. A job has no credential helpers.',
  })
}
