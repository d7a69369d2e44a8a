import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AuditController } from './audit.controller.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { AuditLog } from './audit-log.js';
import { SecretReadings } from './secret-readings.js';

/** The audit log: written for every change, read by administrators and owners. */
@Module({
  imports: [RepositoriesModule],
  controllers: [AuditController],
  providers: [AuditLog, SecretReadings, { provide: APP_INTERCEPTOR, useClass: AuditInterceptor }],
  exports: [AuditLog, SecretReadings],
})
export class AuditModule {}
