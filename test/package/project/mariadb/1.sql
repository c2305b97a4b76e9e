-- By hand, in the place of what `prisma migrate dev` writes: Prisma's engine for MySQL is not among those that npm has.
CREATE TABLE `User` (
  `id` INTEGER NOT NULL AUTO_INCREMENT, `username` VARCHAR(191) NOT NULL, `isStaff` BOOLEAN NOT NULL DEFAULT false, `isSuperuser` BOOLEAN NOT NULL DEFAULT false,
  UNIQUE INDEX `User_username_key`(`username`), PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE `ImpersonationLog` (
  `id` VARCHAR(191) NOT NULL, `sessionKey` VARCHAR(191) NOT NULL, `openKey` VARCHAR(191) NULL,
  `impersonatorId` VARCHAR(191) NOT NULL, `impersonatorName` VARCHAR(191) NOT NULL, `impersonatingId` VARCHAR(191) NOT NULL, `impersonatingName` VARCHAR(191) NOT NULL,
  `ipAddress` VARCHAR(191) NULL, `userAgent` VARCHAR(191) NULL, `sessionStartedAt` DATETIME(3) NOT NULL, `expiresAt` DATETIME(3) NULL, `lastSeenAt` DATETIME(3) NOT NULL,
  `sessionEndedAt` DATETIME(3) NULL, `endReason` VARCHAR(191) NULL, `ticket` VARCHAR(191) NULL,
  UNIQUE INDEX `ImpersonationLog_sessionKey_key`(`sessionKey`), UNIQUE INDEX `ImpersonationLog_openKey_key`(`openKey`),
  INDEX `ImpersonationLog_sessionStartedAt_id_idx`(`sessionStartedAt`, `id`), INDEX `ImpersonationLog_ticket_idx`(`ticket`), PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
