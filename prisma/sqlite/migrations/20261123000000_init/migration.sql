-- CreateTable
CREATE TABLE "ImpersonationLog" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sessionKey" TEXT NOT NULL,
    "openKey" TEXT,
    "impersonatorId" TEXT NOT NULL,
    "impersonatorName" TEXT NOT NULL,
    "impersonatingId" TEXT NOT NULL,
    "impersonatingName" TEXT NOT NULL,
    "reason" TEXT,
    "readOnly" BOOLEAN NOT NULL DEFAULT false,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "returnTo" TEXT,
    "sessionStartedAt" DATETIME NOT NULL,
    "expiresAt" DATETIME,
    "lastSeenAt" DATETIME NOT NULL,
    "sessionEndedAt" DATETIME,
    "endReason" TEXT,
    "endedById" TEXT,
    "endedByName" TEXT
);

-- CreateIndex
CREATE UNIQUE INDEX "ImpersonationLog_sessionKey_key" ON "ImpersonationLog"("sessionKey");

-- CreateIndex
CREATE UNIQUE INDEX "ImpersonationLog_openKey_key" ON "ImpersonationLog"("openKey");

-- CreateIndex
CREATE INDEX "ImpersonationLog_sessionStartedAt_id_idx" ON "ImpersonationLog"("sessionStartedAt", "id");

-- CreateIndex
CREATE INDEX "ImpersonationLog_impersonatorId_sessionStartedAt_idx" ON "ImpersonationLog"("impersonatorId", "sessionStartedAt");

-- CreateIndex
CREATE INDEX "ImpersonationLog_impersonatingId_sessionStartedAt_idx" ON "ImpersonationLog"("impersonatingId", "sessionStartedAt");

-- CreateIndex
CREATE INDEX "ImpersonationLog_sessionEndedAt_lastSeenAt_idx" ON "ImpersonationLog"("sessionEndedAt", "lastSeenAt");


