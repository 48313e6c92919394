import { flag } from '../checks.js'

export const interruptible = flag('J13', 'interruptible')
