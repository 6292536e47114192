// The pages that are reached by doing something, and those that say what was wrong
// with what somebody entered. Each is judged as in pages.story.mjs.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createHmac } from 'node:crypto'
import { demo, demoSignIn, root, runWarder, tell, temporaryFolder } from './kit.mjs'
import { judge, look, lookedAt, routes, wrong } from './pages.mjs'

// ceremonies are pages that are reached by doing something.
async function ceremonies ({ nobody, staff, admin }, portal) {
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
  await page.goto(portal + '/me/secrets/password')
  await page.getByRole('button', { name: 'Set this password' }).click()
  await page.locator('.govuk-error-summary').waitFor()
  await look(page, 'password-errors')
  for (const label of ['New password', 'The same password again']) await page.getByLabel(label).fill('the ferry leaves Heysham at dawn')
  await page.getByRole('button', { name: 'Set this password' }).click()
  await page.getByText('Your password is set').waitFor()
  await look(page, 'password-set')

  await page.goto(portal + '/me/secrets/app')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.locator('.govuk-error-summary').waitFor()
  await look(page, 'app-errors')
  await page.getByLabel('Code that the app shows now').fill(oneTimeCode(await page.locator('main .warder-code').innerText()))
  await page.getByLabel('Name for this app').fill('My phone')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.waitForURL(/app=added/)
  await look(page, 'app-added')

  await page.goto(portal + '/me/secrets/codes')
  await page.getByRole('button', { name: 'Make ten codes' }).click()
  await page.getByText('They are not shown again').waitFor()
  assert.equal(await page.locator('main .warder-code').count(), 10)
  await look(page, 'recovery-codes')

  await page.goto(portal + '/me/secrets')
  await look(page, 'secrets')
  await page.getByRole('link', { name: 'Remove My phone' }).or(page.getByRole('link', { name: /Remove.*My phone/ })).first().click()
  await page.waitForURL(/\/remove$/)
  await look(page, 'remove-app')
  await page.getByRole('button', { name: 'Remove now' }).click()
  await page.getByText('Removed: app').waitFor()
  await look(page, 'app-removed')
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
  const { portal } = await demo(story)
  const people = { nobody: await story.person(), staff: await story.person(), admin: await story.person() }
  await demoSignIn(people.staff, portal, 'amira.khan')
  await demoSignIn(people.admin, portal, 'admin', '/admin')

  const more = await people.admin.context().newPage()
  await Promise.all([
    ceremonies(people, portal),
    errors(more, portal).then(() => secrets(more, portal)),
    report(await story.person())
  ])
  await more.goto(portal + '/admin/retire/password/apply')
  await look(more, 'retire-apply')
  const { all, done } = routes()
  lookedAt(done, all)
  assert.deepEqual(wrong, [])
})
