// Every page there is, as an administrator, as a member of staff and as nobody:
// found by following links, so that a new page is here as soon as it is linked.
// Each must be free of what axe finds, must fit 320 pixels (400% zoom), and may
// lead to nothing that is not there.
import assert from 'node:assert/strict'
import { axe, demo, demoSignIn, fits, picture, tell } from './kit.mjs'

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

await tell(async (story) => {
  const { portal, payroll } = await demo(story)
  const everybody = ['/signin', '/help', '/demo/mail']

  const nobody = await story.person()
  await crawl(nobody, portal, 'nobody', everybody)
  const staff = await story.person()
  await demoSignIn(staff, portal, 'amira.khan')
  await crawl(staff, portal, 'staff', ['/', ...everybody])
  const admin = await story.person()
  await demoSignIn(admin, portal, 'admin', '/admin')
  const kinds = await crawl(admin, portal, 'admin', ['/admin', '/', ...everybody])
  console.log([...kinds].join('\n'))
  assert.deepEqual(wrong, [])
})
