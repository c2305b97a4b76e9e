import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { build, type BuildOptions } from './build.js'

export const STRICT = "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'"

/** An application that listens, whose every answer has a strict policy, with pages of its own to start from and to land on. */
export async function listen (t: Test, options: BuildOptions = {}): Promise<{ app: FastifyInstance, origin: string }> {
  const { after, ...others } = options
  const app = await build(t, {
    ...others,
    // Chromium opens connections that it never uses.
    server: { forceCloseConnections: true, ...others.server },
    async after (app) {
      app.addHook('onRequest', async (request, reply) => { reply.header('content-security-policy', STRICT) })
      app.get('/favicon.ico', async (request, reply) => await reply.code(204).send())
      app.get('/', async (request, reply) => {
        const { user, impersonator } = request
        const text = impersonator === null ? `You are ${user?.username}` : `${impersonator.username} as ${user?.username}`
        const stop = impersonator === null ? '' : `<form method="post" action="${app.impersonate.url('stop')}"><button>Stop</button></form>`
        return await reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(
          `<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1><p>${text}</p><a href="${app.impersonate.url('search')}">Impersonate</a>${stop}</main>`
        )
      })
      await after?.(app)
    }
  })
  return { app, origin: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

/** A window of its own in which this person is signed in; whatever the policy refuses and every error is in `problems`. */
export async function openWindow (t: Test, browser: Browser, origin: string, id: number, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ baseURL: origin, ...options })
  t.teardown(async () => { await context.close() })
  await context.request.post(`/sign-in/${id}`)
  const problems: string[] = []
  context.on('weberror', error => { problems.push(String(error.error())) })
  context.on('console', message => { if (message.type() === 'error') problems.push(message.text()) })
  return { context, page: await context.newPage(), problems }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with a page, in short. It is evaluated by the debugger, past the page's policy. */
export async function violations (page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const results: unknown = await page.evaluate('axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })')
  const found: Array<{ id: string, nodes: Array<{ target: string[], failureSummary: string }> }> = Reflect.get(Object(results), 'violations')
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`))
}
