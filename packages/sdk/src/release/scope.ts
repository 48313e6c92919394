import { Construct } from '../construct.js'
import { shown } from '../form/keyword.js'

/** @throws {TypeError} if a target or deployment is not made below its release */
export function expectRelease(scope: unknown, { name }: abstract new (...args: never) => unknown, label: string): void {
  if (scope instanceof Construct && 'deployments' in scope) return
  throw new TypeError(`Expected a Release above the ${name} ${label}, got ${shown(scope)}`)
}
