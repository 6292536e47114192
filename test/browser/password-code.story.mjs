// Where a policy still accepts them, somebody signs in with a password and a code
// from an app: to what asks for no more, and to nothing else. Whoever has lost their
// keys, and kept recovery codes, is led into registering a new key inside the sign-in,
// and is signed in by that key and not before.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addKey, axe, chromiumKeyModel, chromiumKeyRoot, picture, sees, serve, tell } from './kit.mjs'

const policy = `version: story
methods: {password: {}, totp: {}, recovery_code: {}}
rules:
  - id: wiki
    title: The wiki takes a password and a code
    services: [wiki]
    require: {aal: 2}
`

// code is RFC 6238 with the usual parameters, of the step that many after now.
function code (secret, later = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replaceAll(' ', '')].map((one) => alphabet.indexOf(one).toString(2).padStart(5, '0')).join('')
  const seed = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const words = 'the ferry leaves Heysham at dawn'

async function givePassword (page, portal, next) {
  await page.goto(`${portal}/signin?next=${encodeURIComponent(next)}`)
  await page.getByLabel('User name').fill('amira.khan')
  await page.getByRole('button', { name: 'Sign in with a password' }).click()
  await page.getByLabel('Password').fill(words)
  await page.getByRole('button', { name: 'Continue' }).click()
}

await tell(async (story) => {
  const { portal, folder, command } = await serve(story)
  writeFileSync(join(folder, 'policy.yaml'), policy)
  await command('service', 'add', 'wiki', '--name', 'Wiki', '--host', 'wiki.department.example')
  await command('policy', 'publish', 'policy.yaml')
  await command('key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key',
    '--roots', chromiumKeyRoot, '--own-roots', '--hardware-bound')
  await command('person', 'add', 'amira.khan', '--name', 'Amira Khan', '--email', 'amira.khan@department.example')

  // She has a key, and sets up a password, an app and recovery codes with it.
  const amira = await story.person()
  await addKey(amira)
  const [link] = (await command('person', 'invite', 'amira.khan')).match(/http:\S+\/enrol\/\S+/)
  await amira.goto(link)
  await amira.getByRole('button', { name: 'Continue' }).click()
  await amira.getByLabel('Serial number').fill('A-1')
  await amira.getByRole('button', { name: 'Register this key' }).click()
  await amira.getByRole('button', { name: 'Use your new key' }).click()
  await amira.waitForURL(portal + '/me?key=added')
  await amira.goto(portal + '/me/secrets/password')
  for (const field of await amira.locator('input[type=password]').all()) await field.fill(words)
  await amira.getByRole('button', { name: 'Set' }).click()
  await amira.goto(portal + '/me/secrets/app')
  assert.deepEqual(await axe(amira), [])
  const secret = await amira.locator('.warder-code').innerText()
  await amira.getByLabel('Code that the app shows now').fill(code(secret))
  await amira.locator('main form button').click()
  await amira.goto(portal + '/me/secrets/codes')
  await amira.locator('main form button').click()
  const recovery = await amira.locator('.warder-code').first().innerText()

  // Elsewhere, without the key: first the password, then the code, each code once.
  const cafe = await story.person()
  await givePassword(cafe, portal, '/me/sessions')
  await sees(cafe, 'Enter the code from your app')
  assert.deepEqual(await axe(cafe), [])
  await picture(cafe, 'signin-code')
  await cafe.getByLabel('Code', { exact: true }).fill('000000')
  await cafe.getByRole('button', { name: 'Continue' }).click()
  await sees(cafe, 'The code from your app is not right.')
  const good = code(secret, 1) // the next one: the last was used to set up the app
  await cafe.getByLabel('Code', { exact: true }).fill(good)
  await cafe.getByRole('button', { name: 'Continue' }).click()
  await sees(cafe, 'although you have a security key')
  assert.deepEqual(await axe(cafe), [])
  await cafe.goto(portal + '/me/sessions')
  await sees(cafe, 'password')
  await picture(cafe, 'sessions-password')

  // What changes keys wants the key, whatever the session is.
  await cafe.goto(portal + '/me/keys/add')
  assert.notEqual(new URL(cafe.url()).pathname, '/me/keys/add', cafe.url())

  // The same code is no good in another browser.
  const thief = await story.person()
  await givePassword(thief, portal, '/me/sessions')
  await thief.getByLabel('Code', { exact: true }).fill(good)
  await thief.getByRole('button', { name: 'Continue' }).click()
  await sees(thief, 'That code has been used already.')

  // While her key works, a recovery code opens nothing.
  await thief.getByLabel('Recovery code').fill(recovery)
  await thief.getByRole('button', { name: 'Use this recovery code' }).click()
  await sees(thief, 'Start again and use your key.')
  assert.ok(!(await thief.getByRole('button', { name: 'Register this key' }).isVisible()), 'a registration was opened')

  // She loses her only key. The recovery code leads to a new one, inside the sign-in.
  await command('key', 'block', '--serial', 'A-1', '--reason', 'lost')
  const lost = await story.person()
  await givePassword(lost, portal, '/me')
  await lost.getByLabel('Recovery code').fill(recovery)
  await lost.getByRole('button', { name: 'Use this recovery code' }).click()
  await sees(lost, 'It lets you register a new security key, and nothing else.')
  assert.deepEqual(await axe(lost), [])
  await picture(lost, 'enrol-inside-signin')
  const tab = await lost.context().newPage()
  await tab.goto(portal + '/me')
  assert.ok(tab.url().startsWith(portal + '/signin'), 'the registration is no session')
  await tab.close()
  await addKey(lost)
  await lost.getByLabel('Serial number').fill('A-2')
  await lost.getByRole('button', { name: 'Register this key' }).click()
  await lost.getByRole('button', { name: 'Use your new key' }).click()
  await lost.waitForURL((address) => address.pathname === '/me')
  await sees(lost, 'A-2')

  const record = (await command('audit', 'export')).trim().split('\n').map((line) => JSON.parse(line))
  assert.ok(record.some((entry) => entry.action === 'enrol.opened' && entry.details.by === 'recovery_code'), 'the record says what opened the registration')
})
