// npm run bench -- index: adds one package to a suite for apt and to a repository for yum that have thousands already, by the library as a
// program calls it, and by the tools that write such indices otherwise.
import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { signatureWith, yesterdaysKey } from '../tasks/keys.mjs'
import { fail, root } from '../tasks/shell.mjs'
import { inFolder, inTurn, median, timed } from './contest.mjs'
import { layouts, writePackage, writeTree } from './index/trees.mjs'

const count = Number(process.env.INDEX_PACKAGES ?? 5000)
const rounds = 3
const [add, peakWriter] = [join(root, 'test/bench/index/add.mjs'), join(root, 'test/bench/peak.mjs')]

await inFolder(2, async (folder) => {
  const key = await yesterdaysKey('acme')
  const sign = { clear: (data) => signatureWith(key, data, '--clear-sign'), beside: (data) => signatureWith(key, data, '--detach-sign') }
  const places = {}
  for (const [kind, layout] of Object.entries(layouts)) {
    places[kind] = { folder: join(folder, kind), others: join(folder, `${kind}-others`) }
    await writeTree(layout, { ...places[kind], count, sign })
  }

  let next = count
  /** Adds a package by the library, in a process of its own. */
  const ours = (kind) => async () => {
    const { format, distribution } = layouts[kind]
    const number = next++
    const [from, file, peakFile] = ['dist', 'json', 'peak'].map((name) => join(folder, `${kind}-${number}.${name}`))
    writePackage(format, number, join(from, distribution))
    writeFileSync(file, JSON.stringify({ from, kind, options: { on: places[kind].folder, signWith: { value: key.secret } } }))
    const { cpu, seconds } = await timed([process.execPath, '--import', peakWriter, add, file], { env: { PEAK_FILE: peakFile } })
    return { cpu, seconds, peak: Math.ceil(Number(readFileSync(peakFile, 'utf8')) / 1024) }
  }
  /** Adds a package as a script does: the file, and then the tool. */
  const theirs = (kind, words) => async () => {
    const { format, pool } = layouts[kind]
    writePackage(format, next++, join(places[kind].others, pool))
    return { ...(await timed(words)), peak: 0 }
  }
  const createrepo = ['createrepo_c', '--quiet', '--no-database', join(places.yum.others, 'el/9')]
  const update = [...createrepo, '--update']
  const ftparchive = ['sh', '-c', `cd '${places.apt.others}' && apt-ftparchive packages pool > Packages`]

  // The first addition takes the index over from the other tool, and the first update has nothing to go on from.
  await Promise.all([ours('apt')(), ours('yum')(), theirs('yum', createrepo)()])
  console.log(
    `${count} packages; the load of the machine is ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  )
  const ways = {
    apt: ours('apt'),
    yum: ours('yum'),
    'createrepo_c --update': theirs('yum', update),
    'apt-ftparchive': theirs('apt', ftparchive),
  }
  const results = await inTurn(rounds, ways, ({ cpu, seconds, peak }) =>
    [`${cpu.toFixed(2)} s of CPU`, `${seconds.toFixed(2)} s`, ...(peak === 0 ? [] : [`${peak} MiB`])].join(', '),
  )
  const cpu = Object.fromEntries(Object.entries(results).map(([way, all]) => [way, median(all, 'cpu')]))
  const peak = { apt: median(results.apt, 'peak'), yum: median(results.yum, 'peak') }
  if (Object.values(cpu).some((seconds) => !(seconds > 0))) fail('A figure is missing.')
  console.log(
    `Medians of ${rounds}. CPU of one addition with all of Node, and the peak memory of its process: apt ${cpu.apt.toFixed(2)} s, ${peak.apt} MiB; ` +
      `yum ${cpu.yum.toFixed(2)} s, ${peak.yum} MiB.\nThe last line has the worse of the two, and the ratio of CPU for yum to createrepo_c --update, ` +
      'for apt to apt-ftparchive packages over the whole pool; below 1, the library needs less.',
  )
  const ratios = [cpu.yum / cpu['createrepo_c --update'], cpu.apt / cpu['apt-ftparchive']].map((ratio) => ratio.toFixed(2))
  console.log(
    `index: ${count} packages ${Math.max(cpu.apt, cpu.yum).toFixed(2)} s, peak ${Math.max(peak.apt, peak.yum)} MiB, ` +
      `ratio to createrepo_c --update ${ratios[0]}, to apt-ftparchive ${ratios[1]}`,
  )
})
