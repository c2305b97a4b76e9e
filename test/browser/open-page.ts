import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import type { Test } from 'tap'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const isThere = existsSync(executablePath)

/** Skips a test by name where there is no Chromium; in CI there has to be one. */
export const needsChromium = { skip: isThere || process.env['CI'] === 'true' ? false : `there is no ${executablePath}; set CHROMIUM to the path of one` }

let browser: Promise<Browser> | undefined

/** One browser for all tests of a file. */
export async function launch (): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
  return await browser
}

/** Closes the browser; for `t.teardown` of the file. */
export async function closeChromium (): Promise<void> {
  await (await browser)?.close()
}

/** A page in a context of its own, with the cookies of a jar. */
export async function openPage (t: Test, origin: string, jar: ReadonlyMap<string, string>, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await (await launch()).newContext(options)
  t.teardown(async () => { await context.close() })
  await context.addCookies([...jar].map(([name, value]) => ({ name, value: encodeURIComponent(value), url: origin })))
  return await context.newPage()
}
