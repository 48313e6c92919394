import { directory } from 'stagegate'

// Plain directories, so that this runs anywhere. A real project says packagecloud('acme/staging', { token: … }) here.
export const staging = directory('repositories/staging')
export const stable = directory('repositories/stable')
