// What pages.story.mjs, pages-admin.story.mjs and pages-done.story.mjs share: how pages
// are found and judged, and which routes have been looked at.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { axe, fits, picture, root } from './kit.mjs'

const most = 2 // pages of one pattern

/** What is wrong, as lines of text. */
export const wrong = []

/** The paths of the pages that were judged. */
export const judged = new Set()

// Routes whose pages are reached by doing something: pages-done.story.mjs looks at them.
const reachedByDoing = ['/admin/people/{person}/reinstate', '/admin/retire/{method}/apply', '/desk/cases/{case}', '/enrol/{token}',
  '/me/recovery', '/me/secrets/{secret}/remove', '/not-me/{token}', '/signin/{attempt}']

// Routes that are looked at elsewhere, and where.
const elsewhere = {
  '/admin/exceptions/{exception}': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/approve': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/refuse': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/end': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/shorten': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/renew': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/withdraw': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/test': 'exception.story.mjs',
  '/admin/exceptions/{exception}/do/step': 'exception.story.mjs',
  '/admin/exceptions/reviews/{review}': 'exception.story.mjs',
  '/me/exceptions/{exception}': 'exception.story.mjs',
  '/me/exceptions/{exception}/do/{deed}': 'exception.story.mjs',
  '/step-up/{step}': 'step-up.story.mjs',
  // Told by mail of a sign-in that is out of the ordinary, which no story has yet.
  '/not-me/sign-in/{token}': 'TestNotMeEndsTheSessionBlocksTheWayInAndOpensACase',
  '/break-glass/second/{use}': 'break-glass.story.mjs',
  '/admin/break-glass/keys/{key}': 'break-glass.story.mjs',
  '/admin/break-glass/uses/{use}': 'break-glass.story.mjs',
  // To give a method back takes a key that was used on two days.
  '/admin/retired/{retirement}/undo': 'TestMethodIsRetiredAndGivenBackOnThePages'
}

// Pictures are for people to look at, and take as long as everything else.
const pictures = process.env.WARDER_PICTURES === '1'

/** Says what is wrong with the page; keeps two pictures of it if it gets a name and WARDER_PICTURES is 1. */
export async function judge (page, name) {
  const found = await axe(page)
  if (pictures && name) await picture(page, name.replace(/[^a-z0-9{}-]+/gi, '_'))
  const before = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 640 })
  await fits(page).catch((error) => found.push(error.message))
  if (pictures && name) await picture(page, 'narrow-' + name.replace(/[^a-z0-9{}-]+/gi, '_'))
  await page.setViewportSize(before)
  return found
}

// pattern says what kind of page an address is: ids and criteria do not matter.
function pattern (address) {
  const { pathname, searchParams } = new URL(address)
  const path = pathname.replace(/\/(prs|key|crd|svc|ses|dec|att|evd|rte|rec)_[^/]+/g, '/{$1}').replace(/\/(administrator|[a-z]+_(lead|custodian|desk)|auditor)\//, '/{role}/').replace(/\/L\d\.[^/]+/, '/{criterion}')
  return [path, ...[...searchParams.keys()].sort()].join(' ')
}

/** Follows links from first to addresses that begin with within, in every tab at once, and judges every page once. */
export async function crawl (tabs, { who, first, within }) {
  const waiting = [...first]
  const seen = new Set()
  const counted = new Map()
  let busy = 0
  const next = () => {
    while (waiting.length > 0) {
      const address = waiting.shift().replace(/#.*/, '')
      const kind = pattern(address)
      if (seen.has(address) || (counted.get(kind) ?? 0) >= most) continue
      seen.add(address)
      counted.set(kind, (counted.get(kind) ?? 0) + 1)
      return { address, name: counted.get(kind) === 1 ? `${who}-${kind}` : '' }
    }
  }
  const work = async (page) => {
    for (;;) {
      const one = next()
      if (!one && busy === 0) return
      if (!one) { // another tab may find more
        await page.waitForTimeout(50)
        continue
      }
      busy++
      const answer = await page.goto(one.address)
      if (answer.status() !== 200) wrong.push(`${one.address} answered ${answer.status()}`)
      const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => one.href))
      waiting.push(...links.filter((link) => within.some((start) => link.startsWith(start))))
      judged.add(new URL(one.address).pathname)
      wrong.push(...await judge(page, one.name))
      busy--
    }
  }
  await Promise.all(tabs.map(work))
}

/** Judges the page that is open, and keeps what is wrong. */
export async function look (page, name) {
  judged.add(new URL(page.url()).pathname)
  wrong.push(...await judge(page, name))
}

/** The routes of pages, from the golden table: { all }, and { everybody, admin, done } by the story that looks at them. */
export function routes () {
  const golden = readFileSync(join(root, 'internal', 'app', 'testdata', 'routes.golden'), 'utf8')
  const all = [...golden.matchAll(/^GET +(\S+)/gm)].map(([, path]) => path).filter((path) => !path.startsWith('/assets/'))
  assert.ok(all.length > 20, 'the table of routes could be read')
  for (const path of [...reachedByDoing, ...Object.keys(elsewhere)]) assert.ok(all.includes(path), `there is no GET ${path} any more`)
  const linked = all.filter((path) => !reachedByDoing.includes(path) && !(path in elsewhere))
  const admin = linked.filter((path) => /^[/](admin|desk)([/]|$)/.test(path))
  return { all, done: reachedByDoing, admin, everybody: linked.filter((path) => !admin.includes(path)) }
}

/** Every one of these routes has been looked at. */
export function lookedAt (paths, all) {
  for (const path of paths) {
    const like = new RegExp('^' + path.replace('{$}', '').replace(/\{[^}]+\}/g, '[^/]+') + '$')
    if (![...judged].some((one) => like.test(one) && (one === path || !all.includes(one)))) wrong.push(`GET ${path} has not been looked at`)
  }
}
