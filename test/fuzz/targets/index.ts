import type { Target } from '../target.js'
import { documents } from './documents.js'
import { gitlab } from './gitlab.js'
import { http } from './http.js'
import { images } from './images.js'
import { packagecloud } from './packagecloud.js'
import { packages } from './packages.js'
import { s3 } from './s3.js'
import { signing } from './signing.js'

/** Every reader of what others wrote. */
export const targets: readonly Target[] = [...packages, ...packagecloud, ...http, ...documents, ...gitlab, ...images, ...s3, ...signing]
