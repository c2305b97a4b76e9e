/** The tables of better-auth and its admin plugin, with so many users. */
export async function makeAuthTables (prisma, users) {
  const statements = [
    `CREATE TABLE "AuthUser" ("id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "email" TEXT NOT NULL UNIQUE, "emailVerified" BOOLEAN NOT NULL DEFAULT false,
      "image" TEXT, "createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL, "role" TEXT, "banned" BOOLEAN, "banReason" TEXT, "banExpires" DATETIME)`,
    `CREATE TABLE "AuthSession" ("id" TEXT PRIMARY KEY, "token" TEXT NOT NULL UNIQUE, "expiresAt" DATETIME NOT NULL, "createdAt" DATETIME NOT NULL,
      "updatedAt" DATETIME NOT NULL, "ipAddress" TEXT, "userAgent" TEXT, "impersonatedBy" TEXT, "userId" TEXT NOT NULL REFERENCES "AuthUser" ("id"))`,
    'CREATE INDEX "AuthSession_userId_idx" ON "AuthSession" ("userId")',
    `CREATE TABLE "AuthAccount" ("id" TEXT PRIMARY KEY, "accountId" TEXT NOT NULL, "providerId" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "AuthUser" ("id"),
      "accessToken" TEXT, "refreshToken" TEXT, "idToken" TEXT, "accessTokenExpiresAt" DATETIME, "refreshTokenExpiresAt" DATETIME, "scope" TEXT, "password" TEXT,
      "createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL)`,
    'CREATE INDEX "AuthAccount_userId_idx" ON "AuthAccount" ("userId")',
    `CREATE TABLE "AuthVerification" ("id" TEXT PRIMARY KEY, "identifier" TEXT NOT NULL, "value" TEXT NOT NULL, "expiresAt" DATETIME NOT NULL,
      "createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL)`,
    `WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ${users})
     INSERT INTO "AuthUser" ("id", "name", "email", "createdAt", "updatedAt", "role")
     SELECT i, 'Person ' || i, 'person.' || i || '@example.com', '2026-01-01T00:00:00.000+00:00', '2026-01-01T00:00:00.000+00:00', 'user' FROM number`
  ]
  for (const statement of statements) await prisma.$executeRawUnsafe(statement)
}
