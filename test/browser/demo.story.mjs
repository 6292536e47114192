// What a stranger does with the demo, the wrong ways included: the wrong address,
// a key that does not check who touches it, two tabs, back, reload, double clicks,
// no script, and no mouse.
import assert from 'node:assert/strict'
import { addKey, axe, demo, demoSignIn, fits, picture, sees, tell } from './kit.mjs'

// tabTo presses Tab until the thing with these words has the focus.
async function tabTo (page, words) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const name = await page.evaluate(() => {
      const one = document.activeElement
      return [one.innerText, ...[...(one.labels ?? [])].map((label) => label.innerText)].join(' ').trim()
    })
    if (!words.test(name)) continue
    const outline = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement)
      const around = document.activeElement.labels?.[0] ? getComputedStyle(document.activeElement.labels[0], '::before').boxShadow : 'none'
      return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || around !== 'none'
    })
    assert.ok(outline, `${words} shows that it has the focus`)
    return
  }
  throw new Error(`${words} cannot be reached by keyboard on ${page.url()}`)
}

async function begin (page, portal, userName) {
  await page.goto(portal + '/signin')
  await page.getByLabel('User name').fill(userName)
  await page.getByRole('button', { name: 'Sign in with your security key' }).click()
  await page.getByRole('button', { name: 'Use the demo key' }).waitFor()
}

const tales = {
  async 'the wrong address is explained before any ceremony' ({ story, portal }) {
    const page = await story.person()
    await page.goto(portal.replace('localhost', '127.0.0.1') + '/signin?next=%2Fme')
    await sees(page, 'Security keys work only at the address they were registered for.')
    assert.equal(await page.locator('form').count(), 0)
    assert.deepEqual(await axe(page), [])
    await picture(page, 'wrong-address')
    await page.getByRole('link', { name: 'Go to ' + portal }).click()
    await page.waitForURL(portal + '/signin?next=%2Fme')
    await sees(page, 'Use the security key that was issued to you.')
  },

  async 'a key that does not check who touches it is not enough' ({ story, portal }) {
    const page = await story.person()
    await addKey(page, { isUserVerified: false })
    await begin(page, portal, 'amira.khan')
    await page.getByRole('button', { name: 'Use your security key' }).click()
    await sees(page, 'No key answered')
    await picture(page, 'no-key-answered')
    assert.deepEqual(await axe(page), [])
    // Nothing is lost: the demo key goes on from here.
    await page.getByRole('button', { name: 'Use the demo key' }).click()
    await page.waitForURL(portal + '/me')
  },

  async 'somebody unknown learns nothing about who exists' ({ story, portal }) {
    const page = await story.person()
    await begin(page, portal, 'nobody.here')
    await page.getByRole('button', { name: 'Use the demo key' }).click()
    await sees(page, 'The demo key')
    await picture(page, 'unknown-name')
  },

  async 'two tabs, back, reload and double clicks end in one session' ({ story, portal }) {
    const page = await story.person()
    await begin(page, portal, 'amira.khan')
    const attempt = page.url()
    await page.reload()
    const second = await page.context().newPage()
    await second.goto(attempt)
    await page.getByRole('button', { name: 'Use the demo key' }).dblclick()
    await page.waitForURL(portal + '/me')
    await second.getByRole('button', { name: 'Use the demo key' }).click()
    await sees(second, 'already finished')
    assert.deepEqual(await axe(second), [])
    await picture(second, 'already-finished')
    await second.goto(attempt) // what a bookmark or a reload does
    await second.waitForURL(portal + '/me')
    await page.goBack()
    await page.goto(portal + '/me/sessions')
    await sees(page, 'this browser')
    assert.equal(await page.getByText('this browser').count(), 1)
    const begun = page.getByText('Signed in', { exact: true })
    const sessions = await begun.count()
    await page.reload()
    assert.equal(await begun.count(), sessions)
  },

  async 'everything but the key itself works without script' ({ story, portal }) {
    const bare = await story.person({ javaScriptEnabled: false })
    await bare.goto(portal + '/signin')
    await bare.getByLabel('User name').fill('amira.khan')
    await bare.getByRole('button', { name: 'Sign in with your security key' }).click()
    // Playwright does not render noscript as visible to its engine without script; the words are in the page all the same.
    assert.match(await bare.content(), /A security key can only be used with JavaScript/)
    assert.equal(await bare.getByRole('button', { name: 'Use the demo key' }).count(), 0, 'a button that cannot work is not shown')
    await picture(bare, 'no-script')

    const admin = await story.person()
    await demoSignIn(admin, portal, 'admin', '/admin')
    const cookies = await admin.context().storageState()
    const page = await story.person({ javaScriptEnabled: false, storageState: cookies })
    await page.goto(portal + '/admin/people')
    await page.getByLabel('Name, user name').fill('chloe')
    await page.getByRole('button', { name: 'Find' }).click()
    await sees(page, /Chloe/)
    await page.goto(portal + '/admin/services/add')
    await page.getByRole('button', { name: /Add/ }).click()
    await sees(page, 'There is a problem')
    assert.match(await page.title(), /^Error: /)
    await picture(page, 'service-errors')
    const [first] = await page.locator('.govuk-error-summary a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    assert.equal(await page.locator(first).count(), 1, 'the summary leads to the field')
    await page.goto(portal + '/me')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await sees(page, 'You have signed out.')
    await admin.goto(portal + '/admin')
    await sees(admin, 'Use the security key that was issued to you.') // the session is over, not just the cookie
  },

  async 'a service is added by keyboard alone' ({ story, portal }) {
    const page = await story.person()
    await page.goto(portal + '/signin?next=%2Fadmin')
    await tabTo(page, /Skip to main content/)
    await tabTo(page, /User name/)
    await page.keyboard.type('admin')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Use the demo key' }).waitFor()
    await tabTo(page, /Use the demo key/)
    await page.keyboard.press('Enter')
    await page.waitForURL(portal + '/admin')
    await tabTo(page, /^Services$/)
    await page.keyboard.press('Enter')
    await page.waitForURL(portal + '/admin/services')
    await tabTo(page, /Add a service/)
    await page.keyboard.press('Enter')
    await page.waitForURL(portal + '/admin/services/add')
    const fill = async (label, text) => { await tabTo(page, label); await page.keyboard.type(text) }
    await fill(/Name/, 'Leave 1998')
    await page.keyboard.press('Enter') // too early: what is missing is said, and the focus goes there
    await sees(page, 'There is a problem')
    assert.ok(await page.locator('.govuk-error-summary').evaluate((one) => one === document.activeElement), 'the summary has the focus')
    await tabTo(page, /./)
    await page.keyboard.press('Enter')
    await page.keyboard.type('leave')
    await tabTo(page, /Add (the|this|a) service/)
    await page.keyboard.press('Enter')
    await sees(page, 'Leave 1998')
    await page.goto(portal + '/admin/services')
    await sees(page, 'Leave 1998')
    await page.setViewportSize({ width: 320, height: 640 })
    await fits(page)
  },

  // Last, for it takes her key away.
  async 'a lost key is reported by keyboard alone, and payroll is closed' ({ story, portal, payroll }) {
    const page = await story.person()
    await demoSignIn(page, portal, 'amira.khan')
    await page.goto(payroll)
    await sees(page, 'Signed on as: amira.khan')
    await picture(page, 'payroll')
    await page.goto(portal + '/me')
    await tabTo(page, /Report this key lost or stolen/)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/lost$/)
    await tabTo(page, /I cannot find it/)
    await page.keyboard.press('Space')
    await tabTo(page, /Block this key now/)
    await page.keyboard.press('Enter')
    await sees(page, 'you are signed out now')
    await picture(page, 'me-reported')
    await page.goto(payroll)
    await sees(page, 'was reported lost')
    await page.goto(portal + '/demo/mail')
    await sees(page, /To amira\.khan/)
    await sees(page, 'Your security key has been blocked')
    await begin(page, portal, 'amira.khan')
    await page.getByRole('button', { name: 'Use the demo key' }).click()
    await sees(page, /may not be used to sign in|nothing registered/)
    await picture(page, 'lost-key-tried')
  }
}

await tell(async (story) => {
  const { portal, payroll } = await demo(story)
  for (const [name, tale] of Object.entries(tales)) {
    console.log(name)
    await tale({ story, portal, payroll })
    for (const context of story.browser.contexts()) await context.close()
  }
})
