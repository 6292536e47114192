// Every page there is, as an administrator, as a member of staff and as nobody:
// found by following links, so that a new page is here as soon as it is linked.
// Each must be free of what axe finds, must fit 320 pixels (400% zoom), and may
// lead to nothing that is not there.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createHmac } from 'node:crypto'
import { axe, demo, demoSignIn, fits, picture, root, runWarder, tell, temporaryFolder } from './kit.mjs'

const most = 2 // pages of one pattern

const wrong = []
const judged = new Set() // paths

// pattern says what kind of page an address is: ids and criteria do not matter.
function pattern (address) {
  const { pathname, searchParams } = new URL(address)
  const path = pathname.replace(/\/(prs|key|crd|svc|ses|dec|att|evd|rte|rec)_[^/]+/g, '/{$1}').replace(/\/(administrator|[a-z]+_(lead|custodian|desk)|auditor)\//, '/{role}/').replace(/\/L\d\.[^/]+/, '/{criterion}')
  return [path, ...[...searchParams.keys()].sort()].join(' ')
}

// crawl follows links from first, and judges every page once.
async function crawl (page, portal, who, first) {
  const waiting = [...first]
  const seen = new Set()
  const counted = new Map()
  while (waiting.length > 0) {
    const address = new URL(waiting.shift(), portal).href.replace(/#.*/, '')
    const kind = pattern(address)
    if (seen.has(address) || (counted.get(kind) ?? 0) >= most) continue
    seen.add(address)
    counted.set(kind, (counted.get(kind) ?? 0) + 1)
    const answer = await page.goto(address)
    judged.add(new URL(address).pathname)
    if (answer.status() !== 200) wrong.push(`${address} answered ${answer.status()}`)
    wrong.push(...await judge(page, counted.get(kind) === 1 ? `${who}-${kind}` : ''))
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => one.href))
    waiting.push(...links.filter((link) => link.startsWith(portal + '/')))
  }
}

async function judge (page, name) {
  const found = await axe(page)
  if (name) await picture(page, name.replace(/[^a-z0-9{}-]+/gi, '_'))
  const before = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 640 })
  await fits(page).catch((error) => found.push(error.message))
  if (name) await picture(page, 'narrow-' + name.replace(/[^a-z0-9{}-]+/gi, '_'))
  await page.setViewportSize(before)
  return found
}

// ceremonies are pages that are reached by doing something.
async function ceremonies ({ nobody, staff, admin }, portal) {
  const look = async (page, name) => { judged.add(new URL(page.url()).pathname); wrong.push(...await judge(page, name)) }
  await nobody.goto(portal + '/signin')
  await nobody.getByRole('button', { name: 'Sign in with your security key' }).click()
  await nobody.waitForURL(/\/signin\/att_/)
  await look(nobody, 'use-key')
  await staff.goto(portal + '/me/keys/add')
  await staff.getByRole('button', { name: 'Continue' }).click()
  await staff.waitForURL(/\/signin\/att_/)
  await look(staff, 'register-key')

  // A key goes from the drawer to its holder, with a link, and is then reported. A
  // link is for a first key, so it goes to somebody who has never had one.
  await admin.goto(portal + '/admin/people?department=Finance')
  const [name, userName] = await admin.locator('tbody tr').last().locator('th, td').allInnerTexts()
  await admin.goto(portal + '/admin/keys?state=in_stock')
  await admin.locator('td a, th a').first().click()
  await admin.getByRole('button', { name: 'Issue this key' }).click()
  await admin.waitForURL(/\/issue$/)
  await look(admin, 'issue-key')
  await admin.getByRole('textbox').first().fill('chen.ahmed-nobody')
  await admin.locator('main form button').last().click()
  await admin.locator('.govuk-error-summary').waitFor()
  await look(admin, 'issue-key-errors')
  await admin.getByRole('textbox').first().fill(userName)
  await admin.locator('main form button').last().click()
  await admin.waitForURL(/done=issued/)
  await look(admin, 'issued')
  await admin.getByRole('button', { name: 'Make a one-time link' }).click()
  const link = (await admin.locator('.govuk-inset-text').innerText()).trim()
  await look(admin, 'one-time-link')
  await nobody.goto(link)
  await nobody.getByText('This link is for ' + name).waitFor()
  await look(nobody, 'enrol')
  await admin.goBack()
  await admin.getByRole('button', { name: 'Report lost or stolen' }).click()
  await admin.locator('main form button').last().click()
  await admin.locator('.govuk-error-summary').waitFor()
  await look(admin, 'block-errors')
  await admin.getByRole('radio').first().check()
  await admin.getByRole('button', { name: 'Block this key now' }).click()
  await admin.getByText('is blocked').waitFor()
  await look(admin, 'blocked')

  // Somebody cannot sign in: looked up, a case, an identity check, a pass.
  await admin.goto(portal + '/desk')
  await admin.getByRole('button', { name: 'Look up' }).click()
  await admin.locator('.govuk-error-summary').waitFor()
  await look(admin, 'desk-errors')
  await admin.getByLabel('User name or employee number').fill(userName)
  await admin.getByRole('button', { name: 'Look up' }).click()
  await admin.getByRole('heading', { name }).waitFor()
  await look(admin, 'desk-found')
  await admin.getByRole('button', { name: 'Open a case' }).click()
  await admin.locator('.govuk-error-summary').waitFor()
  await admin.getByLabel('They have never had a key').check()
  await admin.getByRole('button', { name: 'Open a case' }).click()
  await admin.waitForURL(/\/desk\/cases\/rec_/)
  await look(admin, 'case')
  await admin.getByLabel('In person').check()
  await admin.getByLabel('What you checked').fill('photo pass matches')
  await admin.getByRole('button', { name: 'Record it' }).click()
  await admin.getByText('A pass can be issued').waitFor()
  await look(admin, 'case-ready')
  await admin.getByRole('button', { name: 'Issue a pass' }).click()
  await admin.getByText('It is shown once').waitFor()
  await look(admin, 'pass-issued')
  await nobody.goto(portal + '/pass')
  await nobody.getByRole('button', { name: 'Continue' }).click()
  await nobody.locator('.govuk-error-summary').waitFor()
  await look(nobody, 'pass-errors')
  await admin.goto(portal + '/me/recovery')
  await look(admin, 'own-recovery')
  // The address in the message stops it, without signing in.
  await nobody.goto(portal + '/demo/mail')
  const [objection] = (await nobody.locator('body').innerText()).match(/http\S+\/not-me\/\S+/)
  await nobody.goto(objection)
  await look(nobody, 'not-me')
  await nobody.getByRole('button', { name: 'This was not me' }).click()
  await nobody.getByText('There is nothing to stop').waitFor()

  // Somebody is suspended, after it was said what that means, and comes back.
  await admin.goto(portal + '/admin/people?q=chen')
  await admin.locator('td a, th a').first().click()
  await admin.getByRole('button', { name: 'Suspend' }).click()
  await admin.waitForURL(/\/suspend$/)
  await look(admin, 'suspend')
  await admin.getByRole('button', { name: 'Suspend this person now' }).click()
  await admin.locator('.govuk-error-summary').waitFor()
  await look(admin, 'suspend-errors')
  await admin.getByLabel('Why').fill('A test of the page')
  await admin.getByRole('button', { name: 'Suspend this person now' }).click()
  await admin.waitForURL(/done=suspend/)
  await look(admin, 'suspended')
  await admin.getByRole('button', { name: 'Reinstate' }).click()
  await admin.waitForURL(/\/reinstate$/)
  await look(admin, 'reinstate')
  await admin.getByLabel('Why').fill('The test is over')
  await admin.getByRole('button', { name: 'Reinstate this person now' }).click()
  await admin.getByText('They are reinstated').waitFor()
}

// oneTimeCode is what an authenticator app shows for a secret in base 32 (RFC 6238).
function oneTimeCode (secret) {
  const bits = [...secret.replace(/ /g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

// secrets: a password, an app and recovery codes are set up, and one is removed.
async function secrets (page, portal) {
  const look = async (name) => { judged.add(new URL(page.url()).pathname); wrong.push(...await judge(page, name)) }
  await page.goto(portal + '/me/secrets/password')
  await page.getByRole('button', { name: 'Set this password' }).click()
  await page.locator('.govuk-error-summary').waitFor()
  await look('password-errors')
  for (const label of ['New password', 'The same password again']) await page.getByLabel(label).fill('the ferry leaves Heysham at dawn')
  await page.getByRole('button', { name: 'Set this password' }).click()
  await page.getByText('Your password is set').waitFor()
  await look('password-set')

  await page.goto(portal + '/me/secrets/app')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.locator('.govuk-error-summary').waitFor()
  await look('app-errors')
  await page.getByLabel('Code that the app shows now').fill(oneTimeCode(await page.locator('main .warder-code').innerText()))
  await page.getByLabel('Name for this app').fill('My phone')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.waitForURL(/app=added/)
  await look('app-added')

  await page.goto(portal + '/me/secrets/codes')
  await page.getByRole('button', { name: 'Make ten codes' }).click()
  await page.getByText('They are not shown again').waitFor()
  assert.equal(await page.locator('main .warder-code').count(), 10)
  await look('recovery-codes')

  await page.goto(portal + '/me/secrets')
  await look('secrets')
  await page.getByRole('link', { name: 'Remove My phone' }).or(page.getByRole('link', { name: /Remove.*My phone/ })).first().click()
  await page.waitForURL(/\/remove$/)
  await look('remove-app')
  await page.getByRole('button', { name: 'Remove now' }).click()
  await page.getByText('Removed: app').waitFor()
  await look('app-removed')
}

// everyRoute: the golden table of routes names no page that has not been judged.
function everyRoute () {
  const golden = readFileSync(join(root, 'internal', 'app', 'testdata', 'routes.golden'), 'utf8')
  const paths = [...golden.matchAll(/^GET +(\S+)/gm)].map(([, path]) => path).filter((path) => !path.startsWith('/assets/'))
  assert.ok(paths.length > 20, 'the table of routes could be read')
  // To give a method back takes a key that was used on two days: judged in Go, by
  // TestMethodIsRetiredAndGivenBackOnThePages.
  judged.add('/admin/retired/ret_0/undo')
  for (const path of paths) {
    const like = new RegExp('^' + path.replace('{$}', '').replace(/\{[^}]+\}/g, '[^/]+') + '$')
    if (![...judged].some((one) => like.test(one) && (one === path || !paths.includes(one)))) wrong.push(`GET ${path} has not been looked at`)
  }
}

// refusals are pages that no link leads to: [who, address, status, words].
async function refusals (people, { portal, payroll }) {
  const gateway = new URL(payroll).origin
  for (const [name, page, address, status, words] of [
    ['not-found', people.nobody, portal + '/nowhere', 404, 'Go to the start page'],
    ['not-found-signed-in', people.admin, portal + '/admin/people/prs_nobody', 404, ''],
    ['no-permission', people.staff, portal + '/admin', 403, ''],
    ['link-used', people.nobody, portal + '/enrol/nonsense', 403, 'This link does not work.'],
    ['attempt-gone', people.nobody, portal + '/signin/att_nonsense', 404, ''],
    ['open-redirect', people.nobody, portal + '/signin?next=//evil.example', 400, ''],
    ['wrong-address', people.nobody, portal.replace('localhost', '127.0.0.1') + '/signin', 421, 'Go to ' + portal],
    ['gateway-refused', people.nobody, gateway + '/nowhere', 403, 'You may not use this application'],
    ['gateway-callback', people.nobody, gateway + '/.warder/callback?ticket=x&next=/payroll', 403, 'Open the application again']
  ]) {
    const answer = await page.goto(address)
    if (answer.status() !== status) wrong.push(`${name}: ${address} answered ${answer.status()}, want ${status}`)
    if (!(await page.locator('main').innerText()).includes(words)) wrong.push(`${name} does not say ${words}`)
    wrong.push(...await judge(page, `refused-${name}`))
  }
}

// errors are forms that were sent with nothing in them.
async function errors (admin, portal) {
  for (const address of ['/admin/people/add', '/admin/keys/add', '/admin/services/add', '/admin/maturity/evidence/add']) {
    await admin.goto(portal + address)
    await admin.locator('main form button').last().click()
    await admin.locator('.govuk-error-summary').waitFor()
    for (const href of await admin.locator('.govuk-error-summary a').evaluateAll((all) => all.map((one) => one.getAttribute('href')))) {
      if (await admin.locator(href).count() !== 1) wrong.push(`${address}: the summary leads to ${href}, which is not there`)
    }
    if (!(await admin.title()).startsWith('Error: ')) wrong.push(`${address}: the title does not say that there is an error`)
    wrong.push(...await judge(admin, `errors-${address}`))
  }
}

// The report that people pass on: one file that needs nothing else.
async function report (page) {
  const fixtures = join(root, 'internal', 'app', 'assess', 'testdata')
  const out = join(temporaryFolder(), 'level.html')
  const assess = runWarder(['assess', '--html', out, '--as-of', '2026-11-23', '--exported-at', '2026-11-20',
    ...['aws-credential-report=credential-report.csv', 'aws-account-summary=account-summary.json', 'entra-registrations=registrations-1.json',
      'entra-registrations=registrations-2.json', 'entra-conditional-access=conditional-access.json',
      'entra-authentication-methods=authentication-methods.json', 'staff=staff.csv']
      .map((one) => `--${one.replace('=', '=' + fixtures + '/')}`)])
  assert.equal(await assess.ended, 0, assess.output())
  const fetched = []
  page.on('request', (request) => { if (!request.url().startsWith('file:')) fetched.push(request.url()) })
  await page.goto(pathToFileURL(out).href)
  wrong.push(...await judge(page, 'report'))
  assert.deepEqual(fetched, [], 'the report fetches nothing')
}

await tell(async (story) => {
  const { portal, payroll } = await demo(story)
  const everybody = ['/signin', '/help', '/demo/mail']
  const people = { nobody: await story.person(), staff: await story.person(), admin: await story.person() }
  await demoSignIn(people.staff, portal, 'amira.khan')
  await demoSignIn(people.admin, portal, 'admin', '/admin')

  await Promise.all([
    crawl(people.nobody, portal, 'nobody', everybody),
    crawl(people.staff, portal, 'staff', ['/', ...everybody]),
    crawl(people.admin, portal, 'admin', ['/admin', '/', ...everybody])
  ])
  await ceremonies(people, portal)
  await secrets(people.admin, portal)
  await people.admin.goto(portal + '/admin/retire/password/apply')
  judged.add('/admin/retire/password/apply')
  wrong.push(...await judge(people.admin, 'retire-apply'))
  everyRoute()
  await refusals(people, { portal, payroll })
  await Promise.all([errors(people.admin, portal), report(await story.person())])
  assert.deepEqual(wrong, [])
})
