-- By hand as well, and with the collation that own-database.md advises.
ALTER TABLE `ImpersonationLog`
  ADD COLUMN `reason` VARCHAR(1000) NULL, ADD COLUMN `readOnly` BOOLEAN NOT NULL DEFAULT false, ADD COLUMN `returnTo` VARCHAR(2000) NULL,
  ADD COLUMN `endedById` VARCHAR(255) NULL, ADD COLUMN `endedByName` VARCHAR(191) NULL,
  ADD COLUMN `impersonatorDetail` VARCHAR(191) NULL, ADD COLUMN `impersonatingDetail` VARCHAR(191) NULL,
  ADD COLUMN `reportedAt` DATETIME(3) NULL, ADD COLUMN `writeUntil` DATETIME(3) NULL, ADD COLUMN `permitId` VARCHAR(36) NULL,
  MODIFY `id` VARCHAR(36) NOT NULL, MODIFY `sessionKey` VARCHAR(43) NOT NULL, MODIFY `openKey` VARCHAR(43) NULL,
  MODIFY `impersonatorId` VARCHAR(255) NOT NULL, MODIFY `impersonatingId` VARCHAR(255) NOT NULL,
  MODIFY `ipAddress` VARCHAR(64) NULL, MODIFY `userAgent` VARCHAR(512) NULL, MODIFY `endReason` VARCHAR(32) NULL;
CREATE INDEX `ImpersonationLog_impersonatorId_sessionStartedAt_id_idx` ON `ImpersonationLog`(`impersonatorId`, `sessionStartedAt`, `id`);
CREATE INDEX `ImpersonationLog_impersonatingId_sessionStartedAt_id_idx` ON `ImpersonationLog`(`impersonatingId`, `sessionStartedAt`, `id`);
CREATE INDEX `ImpersonationLog_open_idx` ON `ImpersonationLog`(`sessionEndedAt`, `impersonatorId`, `sessionStartedAt`, `id`);
CREATE INDEX `ImpersonationLog_permitId_idx` ON `ImpersonationLog`(`permitId`);
CREATE INDEX `ImpersonationLog_reportedAt_sessionEndedAt_idx` ON `ImpersonationLog`(`reportedAt`, `sessionEndedAt`);
CREATE TABLE `ImpersonationEvent` (
  `seq` BIGINT NOT NULL, `once` VARCHAR(64) NULL, `at` DATETIME(3) NOT NULL, `kind` VARCHAR(32) NOT NULL, `impersonationId` VARCHAR(36) NULL,
  `impersonatorId` VARCHAR(255) NULL, `impersonatingId` VARCHAR(255) NULL, `body` LONGTEXT NOT NULL, `personal` TEXT NULL, `hash` VARCHAR(43) NOT NULL,
  `signature` VARCHAR(191) NULL,
  UNIQUE INDEX `ImpersonationEvent_once_key`(`once`), INDEX `ImpersonationEvent_kind_seq_idx`(`kind`, `seq`),
  INDEX `ImpersonationEvent_impersonationId_seq_idx`(`impersonationId`, `seq`), INDEX `ImpersonationEvent_impersonatorId_kind_at_idx`(`impersonatorId`, `kind`, `at`),
  INDEX `ImpersonationEvent_impersonatingId_seq_idx`(`impersonatingId`, `seq`), PRIMARY KEY (`seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE `ImpersonationPermit` (
  `id` VARCHAR(36) NOT NULL, `kind` VARCHAR(32) NOT NULL, `action` VARCHAR(32) NOT NULL, `impersonatorId` VARCHAR(255) NULL, `impersonatorName` VARCHAR(191) NULL,
  `impersonatingId` VARCHAR(255) NOT NULL, `impersonatingName` VARCHAR(191) NOT NULL, `readOnly` BOOLEAN NOT NULL, `reason` VARCHAR(1000) NULL,
  `askedAt` DATETIME(3) NOT NULL, `expiresAt` DATETIME(3) NOT NULL, `state` VARCHAR(32) NOT NULL, `decidedAt` DATETIME(3) NULL,
  `decidedById` VARCHAR(255) NULL, `decidedByName` VARCHAR(191) NULL, `impersonationId` VARCHAR(36) NULL,
  INDEX `ImpersonationPermit_impersonatingId_kind_state_idx`(`impersonatingId`, `kind`, `state`), INDEX `ImpersonationPermit_impersonatorId_state_idx`(`impersonatorId`, `state`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE `ImpersonationLog` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
