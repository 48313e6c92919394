/** See other-servers.mjs. Each one gets its server first when it is not there, which can take minutes. */
import type { Running, VersitygwOptions } from './servers.mjs'

export function startMinio(folder: string, options: Pick<VersitygwOptions, 'keys'>): Promise<Running>
export function startSeaweedfs(folder: string, options: Pick<VersitygwOptions, 'keys'>): Promise<Running>
export function startS3rver(folder: string): Promise<Running>
/** @throws {Error} the machine has other interfaces than loopback, with how to run it */
export function startS3mock(folder: string): Promise<Running>
