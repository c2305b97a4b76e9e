import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaClient } from './generated/dist/client.js'
import { hashPassword } from './passwords.mjs'
import { createPeople, PASSWORD } from './people.mjs'

// An application of your own has migrations; the demo is always made anew from these.
const TABLES = [
  `CREATE TABLE IF NOT EXISTS "User" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT, "username" TEXT NOT NULL UNIQUE, "firstName" TEXT NOT NULL, "lastName" TEXT NOT NULL,
    "email" TEXT NOT NULL, "passwordHash" TEXT NOT NULL, "isActive" BOOLEAN NOT NULL DEFAULT true,
    "isStaff" BOOLEAN NOT NULL DEFAULT false, "isSuperuser" BOOLEAN NOT NULL DEFAULT false
  )`,
  `CREATE TABLE IF NOT EXISTS "Note" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT, "text" TEXT NOT NULL, "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ownerId" INTEGER NOT NULL REFERENCES "User" ("id"), "writtenBy" TEXT
  )`,
  'CREATE INDEX IF NOT EXISTS "Note_ownerId_id_idx" ON "Note" ("ownerId", "id")'
]

/** The help desk's own users and notes, in a SQLite file of this folder; filled where it is new. */
export async function openDatabase (folder) {
  mkdirSync(folder, { recursive: true })
  const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${join(folder, 'demo.db')}`, timeout: 5000 }) })
  await prisma.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  for (const table of TABLES) await prisma.$executeRawUnsafe(table)
  if (await prisma.user.count() === 0) await fill(prisma)
  return prisma
}

/** All or nothing, so that a start that is interrupted leaves no half. One hash for everybody keeps it quick. */
async function fill (prisma) {
  const people = await createPeople(await hashPassword(PASSWORD))
  await prisma.$transaction([
    prisma.user.createMany({ data: people }),
    prisma.note.create({ data: { text: 'The printer on the second floor is out of toner.', owner: { connect: { username: 'carl' } } } })
  ])
}
