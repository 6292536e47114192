// Nobody who administers Warder can sign in. Two people touch two keys that are kept
// in different places, give a reason, and are administrators for an hour; everybody
// who administers sees it on every page, and somebody who was not there reviews it.
// One key, or one person, opens nothing. All of it is done without a mouse.
// That the hour ends is told in Go, where the clock can be moved:
// TestOpenSessionEndsAfterAnHourHoweverItIsUsed.
import assert from 'node:assert/strict'
import { addKey, chromiumKeyModel, chromiumKeyRoot, enrolled, good, reach, sees, serve, tell } from './kit.mjs'

const why = 'Every administrator has lost their key.'

// press reaches a button or a link and presses it.
async function press (page, name) {
  await reach(page, name)
  await page.keyboard.press('Enter')
}

// begin fills in the page of the first person: choice is how often ArrowDown is pressed in the radios.
async function begin (page, portal, choice, holder) {
  await page.goto(portal + '/break-glass')
  await reach(page, 'An emergency')
  await page.keyboard.press('Space')
  for (let i = 0; i < choice; i++) await page.keyboard.press('ArrowDown')
  await reach(page, 'What has happened?')
  await page.keyboard.type(why)
  await reach(page, 'Your name')
  await page.keyboard.type(holder)
  await press(page, 'Continue to the first key')
  await page.getByRole('heading', { name: 'Touch the first key' }).waitFor()
}

// second enters the name of the second person, and asks for the key.
async function second (page, holder) {
  await page.getByLabel('Name of the second person').fill('')
  await reach(page, 'Name of the second person')
  await page.keyboard.type(holder)
  await press(page, 'Use the key')
}

await tell(async (story) => {
  const house = await serve(story)
  const { portal, command } = house
  await command('key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key',
    '--roots', chromiumKeyRoot, '--own-roots', '--hardware-bound')
  await command('person', 'add', 'chief', '--name', 'Ines Castro', '--email', 'ines.castro@department.example')
  await command('person', 'role', 'chief', 'administrator')
  const chief = await enrolled(story, house, 'chief', 'C-1')

  // Two keys are prepared on the host, and put away. Whoever registers one is not signed in.
  const desk = await story.person()
  const { session, id: north } = await addKey(desk)
  const touch = async (key) => {
    for (const one of keys) await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: one, enabled: one === key })
  }
  const keys = [north]
  for (const name of ['North', 'South']) {
    if (name === 'South') {
      await touch()
      keys.push((await session.send('WebAuthn.addVirtualAuthenticator', { options: {
        protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })).authenticatorId)
    }
    const [link] = (await command('breakglass', 'add', `emergency-${name.toLowerCase()}`, '--name', `Key of the ${name}`)).match(/http:\S+\/enrol\/\S+/)
    await desk.goto(link)
    await desk.getByRole('button', { name: 'Continue' }).click()
    await desk.getByLabel('Serial number').fill(`E-${name}`)
    await desk.getByRole('button', { name: 'Register this key' }).click()
    await desk.getByRole('button', { name: 'Use your new key' }).click()
    await sees(desk, 'This key is ready for emergencies')
    await desk.goto(portal + '/me')
    assert.ok(desk.url().startsWith(portal + '/signin'), 'a key for emergencies signs nobody in')
  }
  const south = keys[1]
  await chief.goto(portal + '/admin/break-glass')
  for (const name of ['North', 'South']) {
    await chief.getByRole('link', { name: new RegExp(`Change.*E-${name}`, 'i') }).click()
    await chief.getByLabel(/Where is .* kept/).fill(`Safe in the ${name}`)
    await good(chief, 'break-glass-place')
    await chief.getByRole('button', { name: 'Record the place' }).click()
    await sees(chief, 'The place is recorded.')
  }
  await sees(chief, 'could not be counted on')
  await good(chief, 'break-glass-not-tested')

  // A test touches both and opens nothing.
  await desk.goto(portal + '/break-glass')
  await good(desk, 'break-glass-start')
  await press(desk, 'Continue to the first key')
  await desk.locator('.govuk-error-summary').waitFor()
  await good(desk, 'break-glass-start-errors')
  await touch(north)
  await begin(desk, portal, 1, 'Nadia Holt')
  await good(desk, 'break-glass-first')
  await press(desk, 'Use the key')
  await sees(desk, 'Nadia Holt has touched the first key.')
  await sees(desk, 'This is a test')
  await good(desk, 'break-glass-second')
  await touch(south)
  await second(desk, 'Sam Reed')
  await sees(desk, 'The test has passed')
  await good(desk, 'break-glass-tested')
  await desk.goto(portal + '/admin')
  assert.ok(desk.url().startsWith(portal + '/signin'), 'a test opened Warder: ' + desk.url())
  await chief.goto(portal + '/admin/break-glass')
  await sees(chief, 'Two people could open Warder in an emergency')
  await good(chief, 'break-glass-tested-admin')

  // One key alone opens nothing, nor does one person with both.
  await touch(north)
  await begin(desk, portal, 0, 'Nadia Holt')
  await press(desk, 'Use the key')
  await sees(desk, 'Nadia Holt has touched the first key.')
  const waiting = desk.url()
  await desk.goto(portal + '/admin')
  assert.ok(desk.url().startsWith(portal + '/signin'), 'one key opened Warder: ' + desk.url())
  await desk.goto(waiting)
  await second(desk, 'Sam Reed')
  await desk.locator('[data-ceremony-message]:not(:empty)').waitFor()
  await good(desk, 'break-glass-same-key')
  await touch(south)
  await second(desk, 'nadia  holt')
  await desk.locator('.govuk-error-summary').getByText('This is the name of the person who touched the first key.').waitFor()
  await good(desk, 'break-glass-same-name')

  // Nor does somebody else's key.
  const stranger = await story.person()
  const other = await stranger.goto(waiting)
  assert.equal(other.status(), 403)
  await sees(stranger, 'Begin again, and touch both keys in the same browser.')

  // Two people with two keys are administrators, and nobody can miss it.
  await second(desk, 'Sam Reed')
  await desk.waitForURL(portal + '/admin/break-glass')
  await sees(desk, 'Signed in as emergency access: Nadia Holt and Sam Reed')
  await sees(desk, 'Open until')
  for (const path of ['/admin/break-glass', '/admin/people', '/admin/roles']) {
    for (const page of [desk, chief]) {
      await page.goto(portal + path)
      await page.getByRole('alert').getByText('Warder is open in an emergency: Nadia Holt and Sam Reed are administrators until').waitFor()
    }
  }
  await good(desk, 'break-glass-open')
  await desk.goto(portal + '/admin/people?q=chief')
  await desk.getByRole('link', { name: 'Ines Castro' }).click()
  await sees(desk, 'ines.castro@department.example')
  await good(desk, 'break-glass-open-person')

  // Who is inside does not review what they do. They sign out, and it is over.
  await desk.goto(portal + '/admin/break-glass')
  await desk.locator('tbody a').first().click()
  await sees(desk, why)
  assert.ok(!(await desk.getByRole('button', { name: 'Record the review' }).isVisible()), 'a review from inside is offered')
  await good(desk, 'break-glass-use-open')
  const use = desk.url()
  await chief.goto(use)
  await press(chief, 'End it now')
  await sees(chief, 'The emergency access is ended. It waits for a review.')
  await desk.goto(portal + '/admin')
  assert.ok(desk.url().startsWith(portal + '/signin'), 'it is not over: ' + desk.url())
  await good(desk, 'break-glass-over')

  // Somebody who was not there records the review.
  await chief.goto(use)
  await good(chief, 'break-glass-review')
  await press(chief, 'Record the review')
  await chief.locator('.govuk-error-summary').waitFor()
  await good(chief, 'break-glass-review-errors')
  await reach(chief, 'What was done, and was it right?')
  await chief.keyboard.type('They looked at one person and changed nothing. It was right.')
  await press(chief, 'Record the review')
  await sees(chief, 'The review is recorded.')
  await chief.goto(use)
  await sees(chief, 'by Ines Castro')
  await good(chief, 'break-glass-reviewed')

  const record = (await command('audit', 'export')).trim().split('\n').map((line) => JSON.parse(line))
  const reviewed = record.find((entry) => entry.action === 'breakglass.reviewed')
  assert.equal(reviewed?.details.reason, why)
  assert.equal(reviewed?.details.second_holder, 'Sam Reed')
  assert.equal(record.filter((entry) => entry.action === 'breakglass.ended').length, 1)
})
