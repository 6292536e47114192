// Every page there is for nobody and for a member of staff: found by following links,
// so that a new page is here as soon as it is linked. Each must be free of what axe
// finds, must fit 320 pixels (400% zoom), and may lead to nothing that is not there.
// The administrators' are in pages-admin.story.mjs, and what is reached by doing
// something in pages-done.story.mjs.
import assert from 'node:assert/strict'
import { demo, demoSignIn, tell } from './kit.mjs'
import { crawl, judge, lookedAt, routes, wrong } from './pages.mjs'

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

await tell(async (story) => {
  const { portal, payroll } = await demo(story)
  const people = { nobody: await story.person(), staff: await story.person(), admin: await story.person() }
  await demoSignIn(people.staff, portal, 'amira.khan')
  await demoSignIn(people.admin, portal, 'admin', '/admin')

  const first = ['/signin', '/help', '/pass', '/break-glass', '/demo/mail'].map((path) => portal + path)
  await Promise.all([
    crawl([people.nobody], { who: 'nobody', first, within: [portal + '/'] }),
    crawl([people.staff], { who: 'staff', first: [portal + '/', ...first], within: [portal + '/'] })
  ])
  const { all, everybody } = routes()
  lookedAt(everybody, all)
  await refusals(people, { portal, payroll })
  assert.deepEqual(wrong, [])
})
