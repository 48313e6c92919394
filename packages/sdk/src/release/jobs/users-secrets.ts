import { type Secret, unique } from '../../secret.js'
import type { ReleaseTarget } from '../target.js'

/** The credentials with which users read the public places of targets. None of them can write there. */
export function usersSecrets(targets: readonly ReleaseTarget[]): readonly Secret[] {
  const places = targets.flatMap(({ routes }) => [...routes.values()].flatMap((route) => route.public.map(({ repo }) => repo.at)))
  const writing = new Set(places.flatMap(({ write }) => write.map(({ variable }) => variable)))
  return unique(places.flatMap(({ read }) => read).filter(({ variable }) => !writing.has(variable)))
}
