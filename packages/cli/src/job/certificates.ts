import { type Instant, type ReleasePlan, UsageError } from '@stagegate/schema'
import { expectSigningCertificate } from '@stagegate/uploader'

/**
 * Checks the certificates that a plan has for its indices, so that a key that clients would refuse is found before anybody has to publish.
 * @throws {UsageError} no certificate of a repository has a key that could sign
 */
export async function tryCertificates({ repositories }: Pick<ReleasePlan, 'repositories'>, at: Instant): Promise<void> {
  for (const [name, { settings }] of Object.entries(repositories)) {
    const { certificates } = settings
    if (typeof certificates !== 'string') continue
    try {
      await expectSigningCertificate(certificates, at)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const { code, what, next, where } = error
      throw new UsageError({
        code,
        what,
        next,
        where: `${where ?? 'a certificate'}, in certificates of the repository ${name}`,
        cause: error,
      })
    }
  }
}
