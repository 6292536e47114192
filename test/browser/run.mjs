// Runs the browser stories: every *.story.mjs beside this file (or those named
// on the command line), one after the other, each in a process of its own with a
// bound on its time. A story passes when its process ends with code 0. No story
// at all is a failure, and so is a story that does not end.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const bound = Number(process.env.WARDER_STORY_SECONDS ?? 180) * 1000

const stories = process.argv.length > 2
  ? process.argv.slice(2).map((path) => resolve(path))
  : readdirSync(here).filter((name) => name.endsWith('.story.mjs')).sort().map((name) => join(here, name))

if (stories.length === 0) {
  console.error('browser: there is no story: test/browser/*.story.mjs is what to write')
  process.exit(1)
}

const tell = (path) => new Promise((done) => {
  const began = Date.now()
  const printed = []
  // A group of its own, so that the browser and the server it started end with it.
  const child = spawn(process.execPath, [path], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  // First kindly, so that it can remove its folders and end its browser.
  const ask = () => { try { process.kill(child.pid, 'SIGTERM') } catch { /* gone already */ } }
  const end = () => { try { process.kill(-child.pid, 'SIGKILL') } catch { /* gone already */ } }
  let late = false
  const timer = setTimeout(() => { late = true; ask(); setTimeout(end, 5000).unref() }, bound)
  process.once('exit', end)
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => printed.push(data))
  child.on('close', (code) => {
    clearTimeout(timer)
    process.removeListener('exit', end)
    end()
    done({ name: basename(path, '.story.mjs'), passed: code === 0 && !late, late, seconds: (Date.now() - began) / 1000, text: Buffer.concat(printed).toString() })
  })
})

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

let failed = 0
for (const path of stories) {
  const told = await tell(path)
  console.log(`${told.passed ? 'ok  ' : 'FAIL'} ${told.name.padEnd(44)} ${told.seconds.toFixed(1)}s`)
  if (!told.passed) {
    failed++
    if (told.late) console.log(`  stopped: not finished after ${bound / 1000} seconds`)
    console.log(told.text.replace(/^/gm, '  '))
  }
}
console.log(`${stories.length - failed} of ${stories.length} browser stories passed`)
process.exit(failed === 0 ? 0 : 1)
