// Somebody who is signed in, and may use the old payroll, exports a whole year of it.
// The application knows nothing of keys: the gateway counts the rows, holds them back,
// and the portal asks for a touch of the key that names the export and its size. The
// small export needs none; a payment to another account is made once, after the touch,
// with what was typed; and whoever says no gets nothing.
import assert from 'node:assert/strict'
import { demo, demoSignIn, good, picture, sees, tell } from './kit.mjs'

await tell(async (story) => {
  const { portal, payroll } = await demo(story)
  const amira = await story.person()
  await demoSignIn(amira, portal, 'amira.khan')
  await amira.goto(payroll)
  await sees(amira, 'Payroll 2004')

  await amira.getByRole('link', { name: 'Export this month' }).click()
  await sees(amira, /E10799,1,/)

  await amira.goto(payroll)
  await amira.getByRole('link', { name: 'Export the whole year' }).click()
  await amira.waitForURL((to) => to.pathname.startsWith('/step-up/'))
  for (const words of ['Touch your key to go on', 'Export the payroll', 'Payroll 2004', '9,601 rows', 'GET /payroll/export?months=12']) await sees(amira, words)
  await good(amira, 'step-up-export')
  await amira.getByRole('button', { name: 'Use the demo key' }).click()
  await amira.waitForURL((to) => to.pathname === '/payroll/export')
  await sees(amira, /E10799,12,/)

  // Once is once.
  await amira.reload()
  await amira.waitForURL((to) => to.pathname.startsWith('/step-up/'))
  await amira.getByRole('button', { name: 'No, I do not want this' }).click()
  await sees(amira, 'Nothing was done')
  await good(amira, 'step-up-declined')
  await amira.goto(amira.url().replace(/\/no$/, ''))
  await sees(amira, 'decided already')

  // A form comes through with what was typed in it.
  await amira.goto(payroll)
  await amira.getByLabel('Pay into account').fill('87654321')
  await amira.getByRole('button', { name: 'Change' }).click()
  await amira.waitForURL((to) => to.pathname.startsWith('/step-up/'))
  await sees(amira, 'Change where your pay goes')
  await picture(amira, 'step-up-form')
  await amira.getByRole('button', { name: 'Use the demo key' }).click()
  await sees(amira, 'IS NOW PAID INTO "87654321"')
  const once = await amira.goto(amira.url())
  assert.equal(once.status(), 403)
})
