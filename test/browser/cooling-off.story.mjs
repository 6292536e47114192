// An administrator has lost their only key, in the demo, where the clock can be moved.
// The desk records how they were identified, two others approve, one of them leads
// security; for four hours nobody gets a pass, and then an administrator gives it – the
// desk may not, since its pass would open more than it may do itself. The new key signs
// them in. This is the end of recovery.story.mjs, which stops where it cools off.
import assert from 'node:assert/strict'
import { axe, demo, demoSignIn, good, picture, sees, tell } from './kit.mjs'

/** A person of the demo, in a browser of their own, at the page. */
async function signedIn (story, portal, userName, next = '/me') {
  const page = await story.person()
  await demoSignIn(page, portal, userName, next)
  return page
}

async function giveRole (admin, portal, name, role) {
  await admin.goto(`${portal}/admin/people?q=${name.toLowerCase().replace(' ', '.')}`)
  await admin.locator('main').getByRole('link', { name }).click()
  await admin.getByRole('link', { name: 'Show their roles' }).click()
  await admin.getByRole('link', { name: `Give the role ${role}` }).click()
  await admin.getByRole('button', { name: 'Give this role now' }).click()
  await sees(admin, 'The role is given')
}

/** Moves the demo's clock on by a step of its page. */
async function forward (page, portal, step) {
  await page.goto(portal + '/demo/clock')
  await page.getByRole('button', { name: `Forward ${step}`, exact: true }).click()
  await sees(page, 'ahead of this machine')
}

await tell(async (story) => {
  const { portal } = await demo(story)
  const robin = await signedIn(story, portal, 'admin')
  await giveRole(robin, portal, 'Anna Martin', 'administrator')
  await giveRole(robin, portal, 'Beth Adams', 'security lead')

  // Robin has lost the only key there is for them, and rings the desk.
  const desk = await signedIn(story, portal, 'desk.jones', '/desk')
  await desk.getByLabel('User name or employee number').fill('admin')
  await desk.getByRole('button', { name: 'Look up' }).click()
  await desk.getByRole('radio', { name: 'All their keys are lost or stolen' }).check()
  for (const box of await desk.getByRole('group', { name: 'Which keys are lost?' }).getByRole('checkbox').all()) await box.check()
  await desk.getByRole('button', { name: 'Open a case' }).click()
  const address = desk.url()
  await desk.getByRole('radio', { name: 'In person, with their photo pass' }).check()
  await desk.getByLabel('What you checked').fill('Photo pass matches.')
  await desk.getByRole('button', { name: 'Record it' }).click()
  await sees(desk, '2 people must approve it')
  await robin.goto(portal + '/admin')
  assert.ok(robin.url().startsWith(portal + '/signin'), 'the lost key still opens: ' + robin.url())

  // Two others approve.
  const approvers = []
  for (const userName of ['anna.martin', 'beth.adams']) {
    const approver = await signedIn(story, portal, userName, '/admin/recovery')
    await approver.getByRole('link', { name: 'Robin Adeyemi' }).click()
    await approver.getByRole('button', { name: 'Approve' }).click()
    approvers.push(approver)
  }
  await desk.goto(address)
  await sees(desk, 'Nobody can shorten this.')

  // Four hours later everybody has been signed out. The case has not.
  await forward(desk, portal, '4 hours')
  await good(desk, 'clock')
  await demoSignIn(desk, portal, 'desk.jones', new URL(address).pathname)
  await desk.getByRole('button', { name: 'Issue a pass' }).click()
  await sees(desk, 'may do more than you may')
  await picture(desk, 'cooled-off-desk')
  const [anna] = approvers
  await demoSignIn(anna, portal, 'anna.martin', new URL(address).pathname)
  assert.deepEqual(await axe(anna), [])
  await picture(anna, 'cooled-off')
  await anna.getByRole('button', { name: 'Issue a pass' }).click()
  await sees(anna, 'It is shown once')
  const pass = await anna.locator('main code').innerText()

  // The pass opens a registration; the new key signs them in.
  await robin.goto(portal + '/pass')
  await robin.getByLabel('User name').fill('admin')
  await robin.getByLabel('Pass').fill(pass)
  await robin.getByRole('button', { name: 'Continue' }).click()
  await robin.getByLabel('Serial number').fill('R-2')
  await robin.getByRole('button', { name: 'Use the demo key' }).click()
  await robin.getByRole('button', { name: 'Use the demo key' }).click() // the new key signs them in
  await robin.waitForURL((to) => to.pathname === '/me')
  await sees(robin, 'R-2')
  await anna.goto(address)
  await sees(anna, 'They have used their new key.')
  await picture(anna, 'completed')
  await robin.goto(portal + '/admin')
  assert.equal(new URL(robin.url()).pathname, '/admin')
})
