// A policy is written as a draft, corrected where it cannot be read, tried in
// report-only beside the one in force, refused while nobody has foreseen whom it locks
// out, weakened, and put in force.
import assert from 'node:assert/strict'
import { axe, demo, demoSignIn, fits, sees, tell } from './kit.mjs'

const textOf = (page) => page.getByLabel('Policy', { exact: true })

async function fine (page) {
  assert.deepEqual(await axe(page), [])
  await fits(page)
}

await tell(async (story) => {
  const { portal } = await demo(story)
  const page = await story.person()
  await demoSignIn(page, portal, 'admin', '/admin')

  // The text in force is where a new one begins.
  await page.goto(portal + '/admin/policy')
  await page.getByRole('button', { name: 'Drafts and versions' }).click()
  await sees(page, 'Versions of the policy')
  await page.getByRole('button', { name: 'Write a policy' }).click()
  const begun = await textOf(page).inputValue()
  assert.match(begun, /^version: "demo-2, next"$/m)

  // A slip is named with its line and column, and nothing that was written is lost.
  const stricter = begun.replace(/^version: .*$/m, 'version: story').replace('require: {aal: 2}', 'require: {aal: 2, phishing_resistant: true, max_age: 1h}')
  await textOf(page).fill(stricter.replace('phishing_resistant: true, max_age', 'phishing_resistent: true, max_age'))
  await page.getByRole('button', { name: 'Save draft' }).click()
  await sees(page, /Line \d+, column \d+: "phishing_resistent" is not known/)
  assert.match(await page.title(), /^Error:/)
  assert.match(await textOf(page).inputValue(), /phishing_resistent/)
  await fine(page)
  await textOf(page).fill(stricter)
  await page.getByLabel('Test cases').fill('cases:\n  - name: a code is not enough for the intranet\n    service: intranet\n    session: {with: totp}\n    expect: {effect: step_up}\n')
  await page.getByRole('button', { name: 'Save draft' }).click()
  await sees(page, 'It decides nothing yet.')
  await sees(page, 'It asks for AAL2, phishing-resistant')
  await sees(page, 'a code is not enough for the intranet')
  await fine(page)
  const version = page.url().replace(/\?.*/, '')

  // Report-only decides nothing.
  await page.getByRole('button', { name: 'Try in report-only' }).click()
  await sees(page, 'It decides nothing and slows nothing.')
  await page.getByRole('button', { name: 'Begin report-only' }).click()
  await sees(page, 'What it has shown in report-only')
  await fine(page)

  // What it would have done in the past, and whom it would lock out, is a step away.
  await page.getByRole('button', { name: 'Try it on the past' }).click()
  await page.waitForURL(/policy\/replay\?draft=/)
  await page.locator('option[selected]', { hasText: 'story' }).waitFor({ state: 'attached' })
  await page.goto(version)
  await page.getByRole('button', { name: 'Whom it would lock out' }).click()
  await page.waitForURL(/policy\/forecast\?version=/)
  await sees(page, 'Whom version story would lock out')
  await fine(page)
  await page.getByRole('button', { name: 'Make the forecast now' }).click()
  await sees(page, /findings? stops? this version from being enforced/)
  await page.getByRole('link', { name: 'The emergency access is not tested' }).click()
  await sees(page, 'If it cannot wait')
  await page.goto(version)

  // What asks for more is not enforced before somebody has looked whom it locks out.
  await page.getByRole('button', { name: 'Put in force' }).click()
  await fine(page)
  await page.getByRole('button', { name: 'Put it in force now' }).click()
  await sees(page, /forecast/i)
  assert.match(await page.title(), /^Error:/)

  // Back to draft, made no stricter than what is in force, and enforced.
  await page.goto(version + '/draft')
  await page.getByRole('button', { name: 'Back to draft' }).click()
  await page.getByRole('button', { name: 'Edit' }).click()
  await textOf(page).fill(begun.replace(/^version: .*$/m, 'version: story').replace('The intranet needs two factors', 'The intranet needs two factors of any kind'))
  await page.getByLabel('Test cases').fill('')
  await page.getByRole('button', { name: 'Save draft' }).click()
  await sees(page, 'It decides nothing yet.')
  await page.getByRole('button', { name: 'Put in force' }).click()
  await page.getByRole('button', { name: 'Put it in force now' }).click()
  await sees(page, 'It is in force. The next request is decided by it.')
  await page.goto(portal + '/admin/policy')
  await sees(page, 'Version story is in force.')
})
