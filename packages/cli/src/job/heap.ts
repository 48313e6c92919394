import { setFlagsFromString } from 'node:v8'

/**
 * Makes V8 collect young objects, and everything only when the heap itself has grown.
 *
 * V8 counts every buffer, however short its life, against a limit that it derives from this program's small heap. Near the limit it starts
 * to mark the whole heap: fifty times per half GiB. That is a quarter of the CPU of a copy over HTTPS, and frees nothing that a young
 * collection does not free. The flag is read only when a marking would start, so it can be set late.
 */
export function collectYoung(): void {
  setFlagsFromString('--no-incremental-marking')
}
