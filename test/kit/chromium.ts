import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import type { Test } from 'tap'
import { isAskedFor, notAskedFor } from './services.js'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Options of a test that needs a browser: skipped by name where it is not asked for, or there is none; with CI=true that is a failure. */
export const needsChromium = !isAskedFor
  ? { skip: notAskedFor('the browser') }
  : existsSync(executablePath) || process.env['CI'] === 'true' ? {} : { skip: `there is no ${executablePath}; set CHROMIUM to the path of one` }

/** One browser for all tests below this one. */
export async function launch (t: Test, ignoreDefaultArgs: string[] = []): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    ignoreDefaultArgs,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
  t.teardown(async () => { await browser.close() })
  return browser
}
