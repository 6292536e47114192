// Every page there is under /admin and /desk, as an administrator: found and judged as
// in pages.story.mjs.
import assert from 'node:assert/strict'
import { demo, demoSignIn, tell } from './kit.mjs'
import { crawl, lookedAt, routes, wrong } from './pages.mjs'

await tell(async (story) => {
  const { portal } = await demo(story)
  const page = await story.person()
  await demoSignIn(page, portal, 'admin', '/admin')
  const tabs = [page, await page.context().newPage()]
  const first = ['/admin', '/desk'].map((path) => portal + path)
  await crawl(tabs, { who: 'admin', first: [...first, portal + '/me'], within: first })
  const { all, admin } = routes()
  lookedAt(admin, all)
  assert.deepEqual(wrong, [])
})
