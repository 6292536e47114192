// What the browser stories share: the browser of the machine, a virtual security
// key, a watch over what a page complains of, axe, and the real warder binary.
// The npm packages are those of web/package.json; nothing is fetched at run time.
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const npm = createRequire(join(root, 'web', 'package.json'))
const { chromium } = npm('playwright-core')

const runnable = (path) => { try { accessSync(path, constants.X_OK); return true } catch { return false } }

/** The path of a Chromium-like browser, or an error that says what to do. */
export function chromiumPath () {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of process.env.PATH.split(delimiter)) {
      if (runnable(join(folder, name))) return join(folder, name)
    }
  }
  throw new Error('no chromium on this machine: make check installs it')
}

/** A headless browser. Close it at the end of the story. */
export function openBrowser () {
  // Chromium refuses its own sandbox to root, as whom containers usually run.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: chromiumPath(), args })
}

/**
 * Adds a virtual USB security key to the page, with user verification.
 * Chromium's one AAGUID is 01020304-0506-0708-0102-030405060708.
 * Answers { session, id } for the WebAuthn domain of the devtools protocol.
 */
export async function addKey (page, options = {}) {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true, ...options
    }
  })
  return { session, id: authenticatorId }
}

/** Collects what a page complains of: console errors (also of the content security policy) and exceptions. */
export function watch (page) {
  const complaints = []
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()) })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}

/**
 * The violations axe finds on the page, WCAG 2.2 A and AA, as lines of text.
 * The script is evaluated by the devtools protocol, which a strict content
 * security policy does not hinder.
 */
export async function axe (page) {
  await page.evaluate(readFileSync(npm.resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  }))
  return violations.map((one) => `${page.url()}: ${one.id} (${one.impact}): ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

/** Keeps a picture of the page in test/browser/output, for people to look at. */
export async function picture (page, name) {
  const folder = join(root, 'test', 'browser', 'output')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** A loopback port that nothing listens on. */
export function freePort () {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)) })
  })
}

/** A temporary folder that is removed when the story ends. */
export function temporaryFolder () {
  const folder = mkdtempSync(join(tmpdir(), 'warder-story-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Runs the real binary with args. Answers { line, ended, stop, output }: line(pattern)
 * resolves to the match of the first line printed that matches, and rejects
 * when the process ends first or 30 seconds have passed.
 */
export function runWarder (args, options = {}) {
  const binary = process.env.WARDER_BINARY ?? join(root, 'build', 'warder')
  const child = spawn(binary, args, { cwd: temporaryFolder(), stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let text = ''
  const waiting = new Set()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => { text += data; for (const look of waiting) look() })
  }
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code))
  })
  const line = (pattern) => new Promise((resolve, reject) => {
    const give = (settle, value) => { clearTimeout(timer); waiting.delete(look); settle(value) }
    const look = () => {
      const found = text.split('\n').map((one) => one.match(pattern)).find(Boolean)
      if (found) give(resolve, found)
    }
    const timer = setTimeout(() => give(reject, new Error(`no line matches ${pattern} after 30 s; printed:\n${text}`)), 30_000)
    ended.then((code) => { look(); give(reject, new Error(`warder ${args.join(' ')} ended with ${code} before ${pattern}; printed:\n${text}`)) }, (error) => give(reject, error))
    waiting.add(look)
    look()
  })
  const stop = async () => { if (child.exitCode === null) child.kill('SIGTERM'); return ended }
  return { line, ended, stop, output: () => text, pid: child.pid }
}
