import { type Secret, unique } from '../../secret.js'
import type { ReleaseTarget } from '../target.js'

/** The credentials with which the public places of targets are read as their users read them: none that writes to one of them. */
export function usersSecrets(targets: readonly ReleaseTarget[]): readonly Secret[] {
  const places = targets.flatMap(({ routes }) => [...routes.values()].flatMap((route) => route.public.map(({ repo }) => repo.at)))
  const writing = new Set(places.flatMap(({ write }) => write.map(({ variable }) => variable)))
  return unique(places.flatMap(({ read }) => read).filter(({ variable }) => !writing.has(variable)))
}
