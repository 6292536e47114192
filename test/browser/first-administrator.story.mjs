// The first administrator of a real Warder, from the link in the terminal to the
// administrators' pages. The key is Chromium's virtual one: a strict Warder does
// not trust it, and says so, until somebody tells it whose roots prove that model.
import assert from 'node:assert/strict'
import { addKey, axe, chromiumKeyModel, chromiumKeyRoot, picture, sees, serve, tell } from './kit.mjs'

await tell(async (story) => {
  const { portal, server, command } = await serve(story)
  const [, link] = await server.line(/^\s+(http:\S+\/enrol\/\S+)$/)
  const page = await story.person()
  await addKey(page)

  // Looking at the link uses nothing up.
  await page.goto(link)
  await page.reload()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Serial number').fill('77 001')
  await page.getByLabel('What you call this key').fill('Blue key')
  await page.getByRole('button', { name: 'Register this key' }).click()

  // A key that nobody vouches for is refused, with the reason and what to do.
  await sees(page, 'This model of security key is not one your organisation allows.')
  await sees(page, chromiumKeyModel)
  assert.match(await page.title(), /^Error: /)
  assert.deepEqual(await axe(page), [])
  await picture(page, 'enrol-model-not-allowed')
  assert.equal(await page.getByLabel('What you call this key').inputValue(), 'Blue key', 'what was typed is kept')

  // Without --own-roots the certificate would have to name its model.
  const model = ['key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key', '--roots', chromiumKeyRoot, '--hardware-bound']
  await command(...model)
  await page.getByRole('button', { name: 'Register this key' }).click()
  await sees(page, 'The key’s proof of its make and model is not genuine.')
  await picture(page, 'enrol-attestation-invalid')

  await command(...model, '--own-roots')
  await page.getByRole('button', { name: 'Register this key' }).click()
  await sees(page, 'Now use your new key once')
  await page.goto(portal + '/me')
  await sees(page, 'There is no password.') // registering alone signs nobody in
  await page.goBack()
  await page.getByRole('button', { name: 'Use your new key' }).click()
  await page.waitForURL(portal + '/me?key=added')
  await sees(page, 'Blue key')
  await picture(page, 'me-key-added')

  for (const part of ['People', 'Keys', 'Services', 'Maturity']) {
    await page.goto(portal + '/admin')
    await page.locator('main').getByRole('link', { name: part }).click()
    await page.waitForURL(/[/]admin[/]./)
    assert.deepEqual(await axe(page), [])
    await picture(page, `empty-${part.toLowerCase()}`)
  }
  assert.match(await command('key', 'list'), /77001\s+enrolled/)

  // The link works once, and only there.
  const stranger = await story.person()
  const answer = await stranger.goto(link)
  assert.equal(answer.status(), 403)
  await sees(stranger, 'This link does not work.')
  const enrolled = (await command('audit', 'export')).split('\n').filter((line) => line.includes('"verified"'))
  assert.ok(enrolled.length > 0, 'the record says that the model was proven')
})
