// Every page there is, as an administrator, as a member of staff and as nobody:
// found by following links, so that a new page is here as soon as it is linked.
// Each must be free of what axe finds, must fit 320 pixels (400% zoom), and may
// lead to nothing that is not there.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { axe, demo, demoSignIn, fits, picture, root, runWarder, tell, temporaryFolder } from './kit.mjs'

const most = 2 // pages of one pattern

const wrong = []

// pattern says what kind of page an address is: ids and criteria do not matter.
function pattern (address) {
  const { pathname, searchParams } = new URL(address)
  const path = pathname.replace(/\/(prs|key|svc|ses|dec|att|evd|rte)_[^/]+/g, '/{$1}').replace(/\/L\d\.[^/]+/, '/{criterion}')
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
    if (answer.status() !== 200) wrong.push(`${address} answered ${answer.status()}`)
    wrong.push(...await judge(page, counted.get(kind) === 1 ? `${who}-${kind}` : ''))
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => one.href))
    waiting.push(...links.filter((link) => link.startsWith(portal + '/')))
  }
  return new Set(counted.keys())
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
    ['gateway-refused', people.nobody, gateway + '/nowhere', 403, 'You may not use this application.'],
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

  await crawl(people.nobody, portal, 'nobody', everybody)
  await crawl(people.staff, portal, 'staff', ['/', ...everybody])
  const kinds = await crawl(people.admin, portal, 'admin', ['/admin', '/', ...everybody])
  // The crawl is worth something only if it finds its way.
  for (const kind of ['/me', '/me/keys/{key}/lost', '/admin/people/{prs}', '/admin/keys/{key}/block', '/admin/services/{svc}/add-route',
    '/admin/decisions/{dec}', '/admin/maturity/criterion/{criterion}']) {
    assert.ok(kinds.has(kind), `${kind} was not found among ${[...kinds].join(', ')}`)
  }
  await refusals(people, { portal, payroll })
  await errors(people.admin, portal)
  await report(await story.person())
  assert.deepEqual(wrong, [])
})
