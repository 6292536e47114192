// Somebody and their own keys: a key that hides its make is refused, and so is a
// passkey that can be copied, each with advice; the only key cannot be removed; a
// second key of the same batch makes her complete; she notes where it is kept and
// removes the first with the keyboard alone; the browser hears of it; and a copy of
// the second is noticed, stops it, and is a case until somebody has looked into it.
import assert from 'node:assert/strict'
import { addKey, chromiumKeyModel, chromiumKeyRoot, good, reach, sees, serve, tell } from './kit.mjs'

// Chromium grants every site what it asks of a virtual key. What a browser does whose
// person chooses “Block”: it asks the key for nothing (WebAuthn Level 3 §5.4.7).
const decline = (page) => page.addInitScript(() => {
  const create = navigator.credentials.create.bind(navigator.credentials)
  navigator.credentials.create = (options) => create({ ...options, publicKey: { ...options.publicKey, attestation: globalThis.declined ? 'none' : options.publicKey.attestation } })
})

await tell(async (story) => {
  const { portal, command } = await serve(story)
  await command('key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key',
    '--roots', chromiumKeyRoot, '--own-roots', '--hardware-bound')
  await command('person', 'add', 'amira.khan', '--name', 'Amira Khan', '--email', 'amira.khan@department.example')
  const page = await story.person()
  await decline(page)

  // A passkey of a phone or a browser: synced, so no hardware key.
  const { session, id: passkey } = await addKey(page, { defaultBackupEligibility: true, defaultBackupState: true })
  const [link] = (await command('person', 'invite', 'amira.khan')).match(/http:\S+\/enrol\/\S+/)
  await page.goto(link)
  await page.getByRole('button', { name: 'Continue' }).click()
  await sees(page, 'Which keys you can register here')
  await page.getByRole('button', { name: 'Register this key' }).click()
  await sees(page, 'This is a passkey that can be copied to other devices, not a hardware key.')
  await sees(page, 'Insert your security key, and choose it instead of your phone, browser or password manager.')
  await sees(page, 'Chromium virtual key')
  await good(page, 'enrol-synced-passkey')
  await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: passkey })

  // The right key, but its make is not shown.
  const key = async () => (await session.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })).authenticatorId
  const first = await key()
  await page.evaluate(() => { globalThis.declined = true })
  await page.getByRole('button', { name: 'Register this key' }).click()
  await sees(page, 'The browser did not show us which make and model your key is.')
  await sees(page, 'choose Allow when the browser asks')
  await good(page, 'enrol-attestation-declined')
  await session.send('WebAuthn.clearCredentials', { authenticatorId: first })
  await page.getByRole('button', { name: 'Register this key' }).click()
  await page.getByRole('button', { name: 'Use your new key' }).click()
  await page.waitForURL(portal + '/me?key=added')
  await sees(page, 'Not complete')
  await good(page, 'me-one-key')

  // The only key stays.
  await page.getByRole('link', { name: 'Remove' }).click()
  await sees(page, 'This key cannot be removed yet')
  await good(page, 'me-last-key')
  await page.getByRole('link', { name: 'Register another key first' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()

  // The second comes from the same batch: its certificate is the first one's.
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: first, enabled: false })
  const second = await key()
  await page.getByLabel('What you call this key').fill('Spare')
  await page.getByRole('button', { name: 'Register this key' }).click()
  await page.waitForURL(portal + '/me?key=added')
  await page.getByText('Complete', { exact: true }).waitFor()
  await good(page, 'me-complete')

  // She has no mouse.
  await page.locator('.govuk-summary-card', { hasText: 'Spare' }).getByRole('link', { name: 'Change where it is kept' }).focus()
  await page.keyboard.press('Enter')
  await sees(page, 'Two keys in one bag')
  await good(page, 'me-place')
  await reach(page, 'Where is this key?')
  await page.keyboard.type('Sealed, in my manager’s safe')
  await page.keyboard.press('Enter')
  await sees(page, 'It is noted where the key is kept.')
  await page.locator('.govuk-summary-card', { hasNotText: 'Spare' }).getByRole('link', { name: 'Remove' }).focus()
  await page.keyboard.press('Enter')
  await sees(page, 'You have one key left.')
  await good(page, 'me-remove')
  await reach(page, 'Remove this key now')
  await page.keyboard.press('Enter')
  await sees(page, 'The key is removed')
  await sees(page, 'you are signed out now')
  await good(page, 'me-removed')

  // The browser hears that the removed key is good for nothing here.
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: second, enabled: false })
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: first, enabled: true })
  await page.getByRole('link', { name: 'Sign in with your other key' }).click()
  await sees(page, 'was removed from your account')
  await good(page, 'signin-after-removal')
  await page.getByRole('button', { name: 'Sign in with your security key' }).click()
  const gone = new Promise((resolve) => session.once('WebAuthn.credentialDeleted', resolve))
  await page.getByRole('button', { name: 'Use your security key' }).click()
  await sees(page, 'This key has been removed from your account.')
  await good(page, 'signin-removed-key')
  const { authenticatorId } = await gone
  assert.equal(authenticatorId, first, 'the browser has forgotten the key that was removed')
  assert.deepEqual((await session.send('WebAuthn.getCredentials', { authenticatorId: first })).credentials, [])

  // Her spare works.
  await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: first })
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: second, enabled: true })
  await page.getByRole('button', { name: 'Use your security key' }).click()
  await page.waitForURL(portal + '/me')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await sees(page, 'You have signed out.')
  assert.equal(await page.getByLabel('User name').getAttribute('autocomplete'), 'username webauthn')

  // Somebody has a copy of it, in a browser that offers the keys it knows beside the
  // field: nobody presses a button.
  const { credentials: [original] } = await session.send('WebAuthn.getCredentials', { authenticatorId: second })
  const thief = await story.person()
  const copy = await addKey(thief, { transport: 'internal' })
  await copy.session.send('WebAuthn.addCredential', { authenticatorId: copy.id, credential: original })
  const offered = thief.waitForResponse((answer) => answer.url() === portal + '/autofill')
  await thief.goto(portal + '/signin')
  assert.equal((await offered).status(), 200)
  await thief.waitForURL(portal + '/me')

  // Then she uses her own, whose counter is behind: both are out.
  await page.getByRole('button', { name: 'Sign in with your security key' }).click()
  await page.getByRole('button', { name: 'Use your security key' }).click()
  await sees(page, 'There may be a copy of this key')
  await good(page, 'signin-copied-key')
  await thief.goto(portal + '/me')
  assert.ok(thief.url().startsWith(portal + '/signin'), 'the session of the copy ended: ' + thief.url())
})
