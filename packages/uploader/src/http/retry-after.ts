import { type Instant, later } from '@stagegate/schema'

/** In seconds: some three thousand years. What is later has no date of four digits, or none at all. */
const longest = 99_999_999_999

/** The seconds that a Retry-After asks for, given as such or as a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: string | undefined, now: Instant): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const at = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.min(longest, Math.max(0, Math.ceil((at - Date.parse(now)) / 1000)))
}

/** The same as a moment. */
export function retryAt(header: string | undefined, now: Instant): Instant | undefined {
  const seconds = retryAfter(header, now)
  return seconds === undefined ? undefined : later(now, seconds)
}
