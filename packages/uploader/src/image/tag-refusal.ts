import type { Problem } from '@stagegate/schema'

/** The place of GitLab's settings that refuse a tag: its registry answers 401 to a push that one of them matches. */
const rules = 'In GitLab, see Protected and Immutable container tags in Settings > Packages and registries > Container registry.'

/** A registry's refusal to set the tag of a version that does not exist yet. */
export function versionRefused({ code, message }: Problem, tag: string): Problem {
  const next = `If a rule of the registry protects the tag ${tag}, a user or an account that the rule allows must publish it; or change the rule.`
  return { code, message: `${message}\n${next} ${rules}` }
}

/** Advice for a tag that the registry does not allow to move. */
export function movingAdvice(tag: string): string {
  return `Allow the registry to move the tag ${tag}, or remove it from the image's tags. The version itself is already public. ${rules}`
}
