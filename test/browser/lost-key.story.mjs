// The story of the whole product: somebody joins, registers a key that proves its
// make, reaches an old application through the gateway, loses the key, and is out
// on the very next request; whether she reports it, or the service desk does while
// she is at work.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addKey, axe, chromiumKeyModel, chromiumKeyRoot, picture, sees, serve, tell } from './kit.mjs'

// oldApplication knows nothing of keys: it believes a header.
function oldApplication (story) {
  const server = createServer((request, response) => {
    const user = request.headers['remote-user']
    if (request.url.startsWith('/api')) {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ user }))
      return
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(`<!DOCTYPE html><html lang="en"><head><title>Payroll</title><link rel="icon" href="data:,"></head><body><main><h1>Payroll</h1><p>Signed on as ${user}</p></main></body></html>`)
  })
  story.end({ stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }) })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)))
}

const policy = `version: story
rules:
  - id: payroll
    title: Payroll wants a hardware key
    services: [payroll]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true, attested: true, user_verified: true}
`

// enrol registers a key of her own for somebody with a one-time link, and signs in.
async function enrol (page, link, portal, serial) {
  await addKey(page)
  await page.goto(link)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Serial number').fill(serial)
  await page.getByRole('button', { name: 'Register this key' }).click()
  await page.getByRole('button', { name: 'Use your new key' }).click()
  await page.waitForURL(portal + '/me?key=added')
}

const ask = (page) => page.evaluate(async () => {
  const response = await fetch('/api', { redirect: 'manual' })
  return { status: response.status, hint: response.headers.get('WWW-Authenticate') ?? '', body: await response.text() }
})

await tell(async (story) => {
  const { portal, gateway, folder, command } = await serve(story)
  const application = await oldApplication(story)
  writeFileSync(join(folder, 'policy.yaml'), policy)
  await command('key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key',
    '--roots', chromiumKeyRoot, '--own-roots', '--hardware-bound')
  await command('person', 'add', 'amira.khan', '--name', 'Amira Khan', '--department', 'Finance', '--email', 'amira.khan@department.example')
  await command('person', 'add', 'ben.osei', '--name', 'Ben Osei')
  await command('service', 'add', 'payroll', '--name', 'Payroll', '--host', new URL(gateway).host, '--upstream', application)

  // Before there is a rule nobody gets in, and before she has signed in, neither does she.
  const amira = await story.person()
  const [link] = (await command('person', 'invite', 'amira.khan')).match(/http:\S+\/enrol\/\S+/)
  await enrol(amira, link, portal, 'A-1')
  const refused = await amira.goto(gateway + '/')
  assert.equal(refused.status(), 403)
  assert.deepEqual(await axe(amira), [])
  await picture(amira, 'gateway-no-rule')
  await command('policy', 'publish', 'policy.yaml')

  const stranger = await story.person()
  await stranger.goto(gateway + '/')
  assert.ok(stranger.url().startsWith(portal + '/signin'), stranger.url())
  await sees(stranger, 'go on to')
  await picture(stranger, 'signin-for-service')

  await amira.goto(gateway + '/payslip')
  await sees(amira, 'Signed on as amira.khan')
  assert.equal(amira.url(), gateway + '/payslip')
  assert.deepEqual(JSON.parse((await ask(amira)).body), { user: 'amira.khan' })

  // She reports it in another tab; the tab with payroll is still open.
  const own = await amira.context().newPage()
  await own.goto(portal + '/me')
  await own.getByRole('link', { name: 'Report this key lost or stolen' }).click()
  await picture(own, 'me-lost')
  await own.getByRole('radio', { name: 'I cannot find it' }).check()
  await own.getByRole('button', { name: 'Block this key now' }).click()
  await sees(own, 'signed out now')
  assert.deepEqual(await axe(own), [])
  await picture(own, 'me-reported')

  const fetched = await ask(amira)
  assert.equal(fetched.status, 401, 'a fetch gets 401, not a page')
  assert.match(fetched.hint, /^Warder /)
  await amira.goto(gateway + '/payslip')
  assert.ok(amira.url().startsWith(portal + '/signin'), amira.url())
  await sees(amira, 'was reported lost')
  await picture(amira, 'signin-after-lost')
  await own.goto(portal + '/me')
  assert.ok(own.url().startsWith(portal + '/signin'), own.url())
  await amira.getByRole('button', { name: 'Sign in with your security key' }).click()
  await amira.getByRole('button', { name: 'Use your security key' }).click()
  await sees(amira, 'This key may not be used to sign in.')

  // Ben is at work when the service desk blocks his key from the command line.
  const ben = await story.person()
  const [his] = (await command('person', 'invite', 'ben.osei')).match(/http:\S+\/enrol\/\S+/)
  await enrol(ben, his, portal, 'B-2')
  await ben.goto(gateway + '/')
  await sees(ben, 'Signed on as ben.osei')
  const said = await command('key', 'block', '--serial', 'B-2', '--reason', 'stolen')
  assert.match(said, /In force on 1 running server/)
  assert.equal((await ask(ben)).status, 401)
  await ben.goto(gateway + '/')
  assert.ok(ben.url().startsWith(portal + '/signin'), ben.url())
  await ben.goto(portal + '/me')
  await sees(ben, 'was reported stolen')

  const record = (await command('audit', 'export')).trim().split('\n').map((line) => JSON.parse(line))
  const inForce = record.filter((entry) => entry.action === 'key.block_in_force')
  assert.equal(inForce.length, 2, 'both blocks are in the record')
  for (const entry of inForce) assert.match(entry.details.milliseconds, /^\d+$/)
  assert.match(await command('audit', 'verify'), /The record is sound\./)
})
