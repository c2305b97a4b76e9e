// Takes the picture at the top of the README from the demo itself: `npm run picture`, where there is a Chromium.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createApp } from './app.mjs'
import { openDatabase } from './database.mjs'
import { PASSWORD } from './people.mjs'

const folder = mkdtempSync(join(tmpdir(), 'help-desk-'))
const prisma = await openDatabase(folder)
const app = await createApp({ prisma, databaseUrl: `file:${join(folder, 'impersonate.db')}` })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
try {
  const page = await browser.newPage({ baseURL: await app.listen({ port: 0 }), viewport: { width: 1120, height: 380 }, colorScheme: 'light' })
  await page.goto('/login')
  await page.getByLabel('Username').fill('sam')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.goto('/impersonate/search/?q=carl+reed')
  await page.getByRole('button', { name: /Carl Reed/ }).click()
  await page.waitForURL('/')
  await page.screenshot({ path: fileURLToPath(new URL('../docs/demo.png', import.meta.url)) })
} finally {
  await browser.close()
  await app.close()
  await prisma.$disconnect()
  rmSync(folder, { recursive: true })
}
