-- By hand as well, and with the collation that own-database.md advises.
ALTER TABLE `ImpersonationLog`
  ADD COLUMN `reason` VARCHAR(1000) NULL, ADD COLUMN `readOnly` BOOLEAN NOT NULL DEFAULT false, ADD COLUMN `returnTo` VARCHAR(2000) NULL,
  ADD COLUMN `endedById` VARCHAR(255) NULL, ADD COLUMN `endedByName` VARCHAR(191) NULL,
  MODIFY `id` VARCHAR(36) NOT NULL, MODIFY `sessionKey` VARCHAR(43) NOT NULL, MODIFY `openKey` VARCHAR(43) NULL,
  MODIFY `impersonatorId` VARCHAR(255) NOT NULL, MODIFY `impersonatingId` VARCHAR(255) NOT NULL,
  MODIFY `ipAddress` VARCHAR(64) NULL, MODIFY `userAgent` VARCHAR(512) NULL, MODIFY `endReason` VARCHAR(32) NULL;
CREATE INDEX `ImpersonationLog_impersonatorId_sessionStartedAt_id_idx` ON `ImpersonationLog`(`impersonatorId`, `sessionStartedAt`, `id`);
CREATE INDEX `ImpersonationLog_impersonatingId_sessionStartedAt_id_idx` ON `ImpersonationLog`(`impersonatingId`, `sessionStartedAt`, `id`);
CREATE INDEX `ImpersonationLog_open_idx` ON `ImpersonationLog`(`sessionEndedAt`, `impersonatorId`, `sessionStartedAt`, `id`);
ALTER TABLE `ImpersonationLog` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
