// node --import ./peak.mjs COMMAND: writes the process's peak memory, in KiB, to the file PEAK_FILE.
import { writeFileSync } from 'node:fs'

process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)))
