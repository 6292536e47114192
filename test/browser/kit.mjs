// What the browser stories share: the browser of the machine, a virtual security
// key, a watch over what a page complains of, axe, and the real warder binary.
// The npm packages are those of web/package.json; nothing is fetched at run time.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

/** A headless browser with an empty profile that calls nobody by itself. Close it at the end of the story. */
export function openBrowser () {
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync']
  // Chromium refuses its own sandbox to root, as whom containers usually run.
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  return chromium.launch({ executablePath: chromiumPath(), args })
}

/** The model that Chromium's virtual keys say they are, and the certificate of the key that vouches for it. */
export const chromiumKeyModel = '01020304-0506-0708-0102-030405060708'
export const chromiumKeyRoot = join(root, 'test', 'browser', 'testdata', 'chromium-virtual-authenticator-root.pem')

/**
 * Adds a virtual USB security key to the page, with user verification.
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

/**
 * Collects what a page complains of: console errors (also of the content security
 * policy), exceptions, and style sheets, scripts and pictures that do not come. That a
 * page itself or a fetch is refused is for the story to judge, not for the watch.
 */
export function watch (page, complaints = []) {
  const say = (text) => complaints.push(`${page.url()}: ${text}`)
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource:')) say(message.text())
  })
  page.on('pageerror', (error) => say(String(error)))
  page.on('requestfailed', (request) => {
    const kind = request.resourceType()
    if (['stylesheet', 'script', 'image', 'font'].includes(kind)) say(`${kind} ${request.url()}: ${request.failure()?.errorText}`)
  })
  page.on('response', (response) => {
    const kind = response.request().resourceType()
    if (response.status() >= 400 && !['document', 'fetch', 'xhr'].includes(kind)) say(`${kind} ${response.url()}: ${response.status()}`)
  })
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
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'], preload: false
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
  folders.push(folder)
  return folder
}
const folders = []
process.once('exit', () => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }) })

// run.mjs ends a story that is late; what "exit" tidies up is tidied up then, too.
process.once('SIGTERM', () => process.exit(143))

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

/**
 * A real Warder on localhost, with a configuration of its own. Answers { portal,
 * gateway, server, command }: command(...args) runs another warder beside it and
 * resolves to what it printed; it rejects when that fails.
 */
export async function serve (story) {
  const folder = temporaryFolder()
  const [portal, gateway, operator] = await Promise.all([freePort(), freePort(), freePort()])
  writeFileSync(join(folder, 'warder.yaml'), [
    `public_url: http://localhost:${portal}`, `listen: 127.0.0.1:${portal}`, `gateway_listen: 127.0.0.1:${gateway}`,
    `operator_listen: 127.0.0.1:${operator}`, 'help_contact: 020 7946 0000'
  ].join('\n') + '\n')
  const server = story.end(runWarder(['serve'], { cwd: folder }))
  await server.line(/^Warder is at /)
  const command = async (...args) => {
    const one = runWarder(args, { cwd: folder })
    const code = await one.ended
    if (code !== 0) throw new Error(`warder ${args.join(' ')} ended with ${code}:\n${one.output()}`)
    return one.output()
  }
  return { portal: `http://localhost:${portal}`, gateway: `http://localhost:${gateway}`, folder, server, command }
}

/** A running demo: { portal, payroll, folder }. */
export async function demo (story) {
  const folder = join(temporaryFolder(), 'demo')
  const server = story.end(runWarder(['demo', '--dir', folder, '--port', '0']))
  const [, portal] = await server.line(/Staff portal\s+(http:\/\/localhost:\d+)/)
  const [, payroll] = await server.line(/Legacy app\s+(http:\/\/\S+)/)
  await server.line(/^Stop: /)
  return { portal, payroll, folder }
}

/** Signs in to the demo with its key, and waits to be where next says. */
export async function demoSignIn (page, portal, userName, next = '/me') {
  await page.goto(`${portal}/signin?next=${encodeURIComponent(next)}`)
  await page.getByLabel('User name').fill(userName)
  await page.getByRole('button', { name: 'Sign in with your security key' }).click()
  await page.getByRole('button', { name: 'Use the demo key' }).click()
  await page.waitForURL(portal + next)
}

/** Waits until the page shows the words, and fails when it does not. */
export async function sees (page, words) {
  await page.getByText(words).first().waitFor()
}

/** Fails when a page is wider than the window. */
export async function fits (page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(over <= 0, `${page.url()} is ${over} pixels too wide at ${page.viewportSize().width}`)
}

/** Fails when axe finds something or the page is wider than a window of 320 pixels; keeps a picture. */
export async function good (page, name) {
  assert.deepEqual(await axe(page), [])
  await picture(page, name)
  const before = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 640 })
  await fits(page)
  await picture(page, 'narrow-' + name)
  await page.setViewportSize(before)
}

/** Presses Tab until the focus is on what says name, as somebody without a mouse does. */
export async function reach (page, name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const words = await page.evaluate(() => { const at = document.activeElement; return (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent).trim() })
    if (words.startsWith(name)) return
  }
  assert.fail(`no Tab leads to ${name} on ${page.url()}`)
}

/** Registers a key of somebody's own with a one-time link; they are signed in then. The key is page.key. */
export async function enrolled (story, { portal, command }, userName, serial) {
  const page = await story.person()
  page.key = await addKey(page)
  const [link] = (await command('person', 'invite', userName)).match(/http:\S+\/enrol\/\S+/)
  await page.goto(link)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Serial number').fill(serial)
  await page.getByRole('button', { name: 'Register this key' }).click()
  await page.getByRole('button', { name: 'Use your new key' }).click()
  await page.waitForURL(portal + '/me?key=added')
  return page
}

/**
 * Tells a story: body gets { browser, person, end }. person() is somebody with a
 * browser of their own, empty, whose pages are watched; end(process) is ended with
 * the story. A complaint of any page makes the story fail.
 */
export async function tell (body) {
  const complaints = []
  const running = []
  const browser = await openBrowser()
  const person = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
    context.setDefaultTimeout(20_000)
    context.on('page', (page) => watch(page, complaints))
    return context.newPage()
  }
  const end = (one) => { running.push(one); return one }
  try {
    await body({ browser, person, end })
    assert.deepEqual(complaints, [], 'what the pages complained of')
  } catch (error) {
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      console.log(`--- ${page.url()}\n${await page.locator('body').innerText().catch(String)}`)
    }
    throw error
  } finally {
    await browser.close()
    await Promise.all(running.map((one) => one.stop()))
  }
}
