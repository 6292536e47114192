// An old application asks for a security key, and Amira cannot use one at her place of
// work yet. Whoever answers for the application asks for an exception; somebody else
// approves it with their own key; she comes in with a password and a code, and each time
// is counted; then it ends by itself at its minute, and her next request is refused.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { chromiumKeyModel, chromiumKeyRoot, enrolled, good, sees, serve, tell } from './kit.mjs'

const policy = `version: story
methods: {password: {}, totp: {}}
rules:
  - id: wards
    title: The ward list takes a security key
    services: [wards]
    require: {aal: 3, phishing_resistant: true}
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

function application (story) {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
    response.end('<!DOCTYPE html><html lang="en"><head><title>Wards</title><link rel="icon" href="data:,"></head><body><main><h1>Beds on ward 7</h1></main></body></html>')
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    story.end({ stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done) }) })
    resolve(`http://127.0.0.1:${server.address().port}`)
  }))
}

// london is the day and the time there, as the form wants them.
function london (at) {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }).formatToParts(at)
  const of = (type) => parts.find((one) => one.type === type).value
  return { day: `${of('year')}-${of('month')}-${of('day')}`, time: `${of('hour')}:${of('minute')}` }
}

await tell(async (story) => {
  const house = await serve(story)
  const { portal, gateway, folder, command } = house
  writeFileSync(join(folder, 'policy.yaml'), policy)
  await command('key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key', '--roots', chromiumKeyRoot, '--own-roots', '--hardware-bound')
  for (const [name, role] of [['amira.khan'], ['nina.ward', 'security_lead'], ['boss', 'administrator']]) {
    await command('person', 'add', name, '--name', `Name of ${name}`, '--email', `${name}@department.example`)
    if (role) await command('person', 'role', name, role)
  }
  await command('service', 'add', 'wards', '--name', 'Ward list', '--host', new URL(gateway).host, '--upstream', await application(story), '--obligation', 'nhs-mfa-2023')
  await command('policy', 'publish', 'policy.yaml')

  // Amira signs in with a password and a code, which is not enough.
  const own = await enrolled(story, house, 'amira.khan', 'A-1')
  await own.goto(portal + '/me/secrets/password')
  for (const field of await own.locator('input[type=password]').all()) await field.fill(words)
  await own.getByRole('button', { name: 'Set' }).click()
  await own.goto(portal + '/me/secrets/app')
  const secret = await own.locator('.warder-code').innerText()
  await own.getByLabel('Code that the app shows now').fill(code(secret))
  await own.locator('main form button').click()
  const amira = await story.person()
  await amira.goto(`${portal}/signin?next=${encodeURIComponent('/me/sessions')}`)
  await amira.getByLabel('User name').fill('amira.khan')
  await amira.getByRole('button', { name: 'Sign in with a password' }).click()
  await amira.getByLabel('Password').fill(words)
  await amira.getByRole('button', { name: 'Continue' }).click()
  await amira.getByLabel('Code', { exact: true }).fill(code(secret, 1))
  await amira.getByRole('button', { name: 'Continue' }).click()
  const comesIn = async () => {
    await amira.goto(gateway + '/')
    return amira.getByText('Beds on ward 7').isVisible()
  }
  assert.ok(!await comesIn(), 'she came in without an exception')

  // Nina asks for an exception, and is told what is missing first.
  const nina = await enrolled(story, house, 'nina.ward', 'N-1')
  await nina.goto(portal + '/admin/exceptions')
  await good(nina, 'exceptions-none')
  await nina.getByRole('button', { name: 'Ask for an exception' }).click()
  await nina.getByRole('button', { name: 'Propose it' }).click()
  await sees(nina, 'Say when it ends')
  await good(nina, 'exception-new-errors')
  await nina.goto(portal + '/admin/exceptions/new?service=wards&people=amira.khan&reason=shared_workstation')
  await nina.getByRole('radio', { name: 'Any two factors' }).check()
  await nina.getByLabel('What cannot be done, and why').fill('The terminals on ward 7 have no free port.')
  await nina.getByLabel('How likely is it').selectOption('2')
  await nina.getByLabel('How bad would that be?').selectOption('3')
  await nina.getByLabel('What might come of it').fill('A password and a code could be phished; the list shows names and beds.')
  await nina.getByLabel('Control 1: what is done instead').fill('Only from the terminals on the ward')
  await nina.getByLabel('Control 1: how it is tested').fill('Try it from the office.')
  await nina.getByLabel('How will it stop being needed?').selectOption('hardware')
  await nina.getByLabel('Step 1', { exact: true }).fill('New terminals delivered')
  await nina.getByLabel('Step 1: by').fill(london(Date.now() + 20 * 86400e3).day)
  await nina.getByLabel('Ends: day').fill(london(Date.now() + 60 * 86400e3).day)
  await nina.getByRole('button', { name: 'Propose it' }).click()
  await sees(nina, 'It is proposed, and relaxes nothing until somebody else approves it.')
  await good(nina, 'exception-proposed')
  assert.ok(!await nina.getByRole('button', { name: 'Approve' }).isVisible(), 'whoever asked is offered to approve')
  assert.ok(!await comesIn(), 'she came in before anybody approved it')

  // Somebody else approves it with their own key.
  const boss = await enrolled(story, house, 'boss', 'B-1')
  await boss.goto(portal + '/admin/exceptions')
  await boss.getByRole('link', { name: 'E-001' }).click()
  await boss.getByRole('button', { name: 'Approve' }).click()
  await good(boss, 'exception-approve')
  await boss.getByRole('button', { name: 'Approve it' }).click()
  await sees(boss, 'It is approved.')
  assert.ok(await comesIn(), 'she did not come in although it is approved')

  // What is known about it, and about all of them.
  await boss.waitForTimeout(1500) // decisions are written out once a second
  await boss.reload()
  await sees(boss, 'Used by, and from where')
  await sees(boss, 'Name of amira.khan')
  await good(boss, 'exception-in-force')
  for (const [path, words, name] of [['', 'Is it getting less?', 'exceptions-board'], ['/board', 'At services under the NHS policy', 'exceptions-for-the-board'],
    ['/what-breaks', 'Asked for their key', 'exceptions-what-breaks'], ['/reviews', 'Waiting for you', 'exceptions-reviews']]) {
    await boss.goto(portal + '/admin/exceptions' + path)
    await sees(boss, words)
    await good(boss, name)
  }
  await boss.getByRole('link', { name: 'E-001' }).click()
  await boss.getByRole('button', { name: 'Record the review' }).click()
  await sees(boss, 'Say whether the reason for the exception is still there')
  await good(boss, 'exception-review')
  await nina.goto(portal + '/me/exceptions')
  await nina.getByRole('link', { name: 'E-001' }).click()
  await good(nina, 'exception-own')
  await nina.getByRole('link', { name: 'Test 1' }).click()
  await nina.getByRole('radio', { name: 'Works' }).check()
  await good(nina, 'exception-test')
  await nina.getByRole('button', { name: 'Record it' }).click()
  await sees(nina, 'The test is on record.')

  // It is to end sooner: at its minute it is over, and nobody has to do anything.
  const end = new Date(Math.ceil((Date.now() + 15_000) / 60_000) * 60_000)
  await nina.getByRole('button', { name: 'End sooner' }).click()
  await nina.getByLabel('New end: day').fill(london(end).day)
  await nina.getByLabel('New end: time, in London').fill(london(end).time)
  await good(nina, 'exception-shorten')
  await nina.getByRole('button', { name: 'End it sooner' }).click()
  await sees(nina, 'It ends sooner now.')
  assert.ok(await comesIn(), 'she did not come in before its end')
  await amira.waitForTimeout(Math.max(0, end - Date.now()) + 100)
  assert.ok(!await comesIn(), 'she came in after its end')
  await nina.goto(portal + '/admin/exceptions')
  await good(nina, 'exceptions-over')

  const record = (await command('audit', 'export')).trim().split('\n').map((line) => JSON.parse(line).action)
  for (const action of ['exception.proposed', 'exception.approved', 'exception.control_tested', 'exception.shortened']) assert.ok(record.includes(action), action)
})
