-- AlterTable
ALTER TABLE "ImpersonationLog" ADD COLUMN "impersonatingDetail" TEXT;
ALTER TABLE "ImpersonationLog" ADD COLUMN "impersonatorDetail" TEXT;
ALTER TABLE "ImpersonationLog" ADD COLUMN "permitId" TEXT;
ALTER TABLE "ImpersonationLog" ADD COLUMN "reportedAt" DATETIME;
ALTER TABLE "ImpersonationLog" ADD COLUMN "writeUntil" DATETIME;

-- What had ended is reported. What is open runs no further under this version, and its end is still to be reported.
UPDATE "ImpersonationLog" SET
    "reportedAt" = "sessionEndedAt",
    "endReason" = CASE WHEN "sessionEndedAt" IS NULL THEN 'aborted' ELSE "endReason" END,
    "openKey" = NULL,
    "sessionEndedAt" = COALESCE("sessionEndedAt", MAX("sessionStartedAt", "lastSeenAt"));

-- CreateTable
CREATE TABLE "ImpersonationEvent" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "once" TEXT,
    "at" DATETIME NOT NULL,
    "kind" TEXT NOT NULL,
    "impersonationId" TEXT,
    "impersonatorId" TEXT,
    "impersonatingId" TEXT,
    "body" TEXT NOT NULL,
    "personal" TEXT,
    "hash" TEXT NOT NULL,
    "signature" TEXT
);

-- CreateTable
CREATE TABLE "ImpersonationPermit" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "impersonatorId" TEXT,
    "impersonatorName" TEXT,
    "impersonatingId" TEXT NOT NULL,
    "impersonatingName" TEXT NOT NULL,
    "readOnly" BOOLEAN NOT NULL,
    "reason" TEXT,
    "askedAt" DATETIME NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "state" TEXT NOT NULL,
    "decidedAt" DATETIME,
    "decidedById" TEXT,
    "decidedByName" TEXT,
    "impersonationId" TEXT
);

-- CreateIndex
CREATE UNIQUE INDEX "ImpersonationEvent_once_key" ON "ImpersonationEvent"("once");

-- CreateIndex
CREATE INDEX "ImpersonationEvent_kind_seq_idx" ON "ImpersonationEvent"("kind", "seq");

-- CreateIndex
CREATE INDEX "ImpersonationEvent_impersonationId_seq_idx" ON "ImpersonationEvent"("impersonationId", "seq");

-- CreateIndex
CREATE INDEX "ImpersonationEvent_impersonatorId_kind_at_idx" ON "ImpersonationEvent"("impersonatorId", "kind", "at");

-- CreateIndex
CREATE INDEX "ImpersonationEvent_impersonatingId_seq_idx" ON "ImpersonationEvent"("impersonatingId", "seq");

-- CreateIndex
CREATE INDEX "ImpersonationPermit_impersonatingId_kind_state_idx" ON "ImpersonationPermit"("impersonatingId", "kind", "state");

-- CreateIndex
CREATE INDEX "ImpersonationPermit_impersonatorId_state_idx" ON "ImpersonationPermit"("impersonatorId", "state");

-- CreateIndex
CREATE INDEX "ImpersonationLog_permitId_idx" ON "ImpersonationLog"("permitId");

-- CreateIndex
CREATE INDEX "ImpersonationLog_reportedAt_sessionEndedAt_idx" ON "ImpersonationLog"("reportedAt", "sessionEndedAt");
