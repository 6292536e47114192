// Amira has lost both her keys. The service desk opens a case, blocks them, records how
// she was identified, and gives her a pass; the pass leads to a new key, and only the
// key signs her in. For somebody who holds a role the desk cannot do that alone: two
// people approve, one of them a lead, and then it cools off, which nobody shortens.
// cooling-off.story.mjs tells how it goes on after four hours.
import assert from 'node:assert/strict'
import { addKey, axe, chromiumKeyModel, chromiumKeyRoot, enrolled, picture, sees, serve, tell } from './kit.mjs'

/** Opens a case at the desk for somebody who has lost everything; answers its address. */
async function openCase (desk, portal, userName) {
  await desk.goto(portal + '/desk')
  await desk.getByLabel('User name or employee number').fill(userName)
  await desk.getByRole('button', { name: 'Look up' }).click()
  await desk.getByRole('radio', { name: 'All their keys are lost or stolen' }).check()
  for (const box of await desk.getByRole('group', { name: 'Which keys are lost?' }).getByRole('checkbox').all()) await box.check()
  assert.deepEqual(await axe(desk), [])
  await picture(desk, 'desk-found')
  await desk.getByRole('button', { name: 'Open a case' }).click()
  await sees(desk, 'How do you know who they are?')
  return desk.url()
}

async function identify (desk) {
  await desk.getByRole('radio', { name: 'In person, with their photo pass' }).check()
  await desk.getByLabel('What you checked').fill('Photo pass matches.')
  await desk.getByRole('button', { name: 'Record it' }).click()
}

await tell(async (story) => {
  const house = await serve(story)
  const { portal, command } = house
  await command('key', 'model', 'put', chromiumKeyModel, '--vendor', 'Chromium', '--name', 'virtual key',
    '--roots', chromiumKeyRoot, '--own-roots', '--hardware-bound')
  for (const [name, role] of [['amira.khan'], ['desk.jones', 'service_desk'], ['boss', 'administrator'], ['first', 'administrator'], ['lead', 'security_lead']]) {
    await command('person', 'add', name, '--name', `Name of ${name}`, '--email', `${name}@department.example`)
    if (role) await command('person', 'role', name, role)
  }
  const desk = await enrolled(story, house, 'desk.jones', 'D-1')
  const second = await enrolled(story, house, 'amira.khan', 'A-1')
  await second.key.session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: second.key.id }) // pulled out
  await addKey(second)
  await second.getByRole('link', { name: 'Add another key' }).or(second.getByRole('button', { name: 'Add another key' })).first().click()
  await second.getByRole('button', { name: 'Continue' }).click()
  await second.getByLabel('Serial number').fill('A-2')
  await second.getByRole('button', { name: 'Register this key' }).click()
  await sees(second, 'A-2')

  // She calls. Both keys stop at once, also where she is signed in.
  await desk.goto(portal + '/desk')
  await desk.getByLabel('User name or employee number').fill('amira')
  await desk.getByRole('button', { name: 'Look up' }).click()
  await sees(desk, 'Nobody has exactly this user name')
  const address = await openCase(desk, portal, 'amira.khan')
  await second.goto(portal + '/me')
  assert.ok(second.url().startsWith(portal + '/signin'), second.url())
  await identify(desk)
  await sees(desk, 'A pass can be issued.')
  assert.deepEqual(await axe(desk), [])
  await desk.getByRole('button', { name: 'Issue a pass' }).click()
  await sees(desk, 'It is shown once')
  assert.deepEqual(await axe(desk), [])
  await picture(desk, 'desk-pass')
  const pass = await desk.locator('main code').innerText()

  // The pass opens a registration and nothing else. The key signs her in.
  const amira = await story.person()
  await amira.goto(portal + '/pass')
  await amira.getByLabel('User name').fill('amira.khan')
  await amira.getByLabel('Pass').fill(pass.toLowerCase())
  await amira.getByRole('button', { name: 'Continue' }).click()
  const tab = await amira.context().newPage()
  await tab.goto(portal + '/me')
  assert.ok(tab.url().startsWith(portal + '/signin'), 'the pass is no session')
  await tab.close()
  await addKey(amira)
  await amira.getByLabel('Serial number').fill('A-3')
  await amira.getByRole('button', { name: 'Register this key' }).click()
  await amira.getByRole('button', { name: 'Use your new key' }).click()
  await amira.waitForURL((to) => to.pathname === '/me')
  await sees(amira, 'A-3')
  await desk.goto(address)
  await sees(desk, 'They have used their new key.')
  const again = await story.person()
  await again.goto(portal + '/pass')
  await again.getByLabel('User name').fill('amira.khan')
  await again.getByLabel('Pass').fill(pass)
  await again.getByRole('button', { name: 'Continue' }).click()
  assert.equal(new URL(again.url()).pathname, '/pass', 'a pass works once')

  // An administrator: the desk cannot do it alone, and the approvers are two others.
  const first = await enrolled(story, house, 'first', 'F-1')
  const lead = await enrolled(story, house, 'lead', 'L-1')
  const privileged = await openCase(desk, portal, 'boss')
  await identify(desk)
  await sees(desk, '2 people must approve it')
  assert.ok(!(await desk.getByRole('button', { name: 'Issue a pass' }).isVisible()), 'the desk is offered a pass')
  assert.ok(!(await desk.getByRole('button', { name: 'Approve' }).isVisible()), 'the desk is offered to approve')
  await picture(desk, 'desk-administrator')
  for (const approver of [first, lead]) {
    await approver.goto(portal + '/admin/recovery')
    await sees(approver, 'Waiting for your approval')
    await approver.getByRole('link', { name: 'Name of boss' }).click()
    assert.deepEqual(await axe(approver), [])
    await approver.getByRole('button', { name: 'Approve' }).click()
    await sees(approver, `Name of ${approver === first ? 'first' : 'lead'}`)
  }
  await desk.goto(privileged)
  await sees(desk, 'Nobody can shorten this.')
  assert.ok(!(await desk.getByRole('button', { name: 'Issue a pass' }).isVisible()), 'a pass while it cools off')
  await picture(desk, 'desk-cooling-off')

  const record = (await command('audit', 'export')).trim().split('\n').map((line) => JSON.parse(line))
  assert.ok(record.some((entry) => entry.action.startsWith('desk.') || entry.action.startsWith('helpdesk.')), 'look-ups are on record')
})
