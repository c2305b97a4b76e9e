-- DropIndex
DROP INDEX "ImpersonationLog_impersonatorId_sessionStartedAt_idx";

-- DropIndex
DROP INDEX "ImpersonationLog_impersonatingId_sessionStartedAt_idx";

-- DropIndex
DROP INDEX "ImpersonationLog_sessionEndedAt_lastSeenAt_idx";

-- CreateIndex
CREATE INDEX "ImpersonationLog_impersonatorId_sessionStartedAt_id_idx" ON "ImpersonationLog"("impersonatorId", "sessionStartedAt", "id");

-- CreateIndex
CREATE INDEX "ImpersonationLog_impersonatingId_sessionStartedAt_id_idx" ON "ImpersonationLog"("impersonatingId", "sessionStartedAt", "id");

-- CreateIndex
CREATE INDEX "ImpersonationLog_open_idx" ON "ImpersonationLog"("sessionEndedAt", "impersonatorId", "sessionStartedAt", "id");
