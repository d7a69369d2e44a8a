import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MEDIA_STORE_KINDS, type MediaStoreKind } from '../config/media-config.js';

/** Whether the database answers. */
export class DatabaseCheckResponse {
  @ApiProperty({ type: String, enum: ['up', 'down'], example: 'up' })
  status: 'up' | 'down';

  @ApiPropertyOptional({
    type: String,
    enum: ['database_unavailable', 'database_refuses_us'],
    example: 'database_refuses_us',
    description:
      'Why it is down. database_refuses_us: something answers, and does not let the service through (a key, a quota, a ' +
      'paused project, a firewall, a missing right); see the log.',
  })
  reason?: 'database_unavailable' | 'database_refuses_us';

  @ApiProperty({ type: 'integer', example: 2, description: 'How long the check took.' })
  duration_ms: number;
}

/** Whether Redis answers. */
export class RedisCheckResponse {
  @ApiProperty({
    type: String,
    enum: ['up', 'down', 'not_configured'],
    example: 'up',
    description: 'down: what other processes do is noticed late; nothing is lost.',
  })
  status: 'up' | 'down' | 'not_configured';
}

/** Whether received messages are processed. */
export class WorkerCheckResponse {
  @ApiProperty({
    type: String,
    enum: ['up', 'failing', 'disabled', 'down', 'unknown'],
    example: 'up',
    description:
      'failing: its last pass failed and is being retried. disabled: the configuration starts none. down: none is alive. ' +
      'unknown: other processes run it, and Redis, which knows of them, is away.',
  })
  status: 'up' | 'failing' | 'disabled' | 'down' | 'unknown';

  @ApiPropertyOptional({
    type: 'integer',
    example: 2,
    description: 'Workers of all processes; absent without a queue in Redis.',
  })
  alive?: number;

  @ApiPropertyOptional({ type: String, example: 'Redis not configured' })
  reason?: string;
}

/** Whether `SESSION_ENCRYPTION_KEY` names all keys that other processes seal with. */
export class EncryptionKeyCheckResponse {
  @ApiProperty({
    type: String,
    enum: ['up', 'missing'],
    example: 'up',
    description:
      'missing: what other processes seal waits until this one has their key, too; nothing is lost.',
  })
  status: 'up' | 'missing';
}

/** Whether this process can write its logs. */
export class LogsCheckResponse {
  @ApiProperty({
    type: String,
    enum: ['up', 'dropping'],
    example: 'up',
    description:
      'dropping: the log file can not be written, or nobody reads standard output. Nothing but log lines is lost.',
  })
  status: 'up' | 'dropping';

  @ApiPropertyOptional({
    type: String,
    example: 'ENOSPC',
    description: 'Code of the error of the system; `SLOW` where nobody reads.',
  })
  reason?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Since when lines are dropped.' })
  since?: string;

  @ApiProperty({ type: 'integer', example: 0, description: 'Lines dropped since the process began.' })
  dropped: number;
}

/** Whether the store for files answers. */
export class MediaStoreCheckResponse {
  @ApiProperty({
    type: String,
    enum: ['up', 'down'],
    example: 'up',
    description: 'down: no file is stored or given; those of messages wait, and none is lost.',
  })
  status: 'up' | 'down';

  @ApiProperty({ type: String, enum: MEDIA_STORE_KINDS, example: 'local' })
  kind: MediaStoreKind;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Since when it is seen to be down.',
  })
  since?: string;
}

/** The WhatsApp sessions of this process. */
export class SessionsCheckResponse {
  @ApiProperty({
    type: String,
    enum: ['up', 'degraded', 'down'],
    example: 'up',
    description:
      'degraded: what was received can not be committed at the moment, so it is not acknowledged. down: for so long that ' +
      'sessions were closed; they come back by themselves.',
  })
  status: 'up' | 'degraded' | 'down';

  @ApiPropertyOptional({
    type: String,
    enum: ['database_unavailable', 'database_refuses_us', 'database_read_only', 'database_slow', 'disk_full'],
    example: 'disk_full',
    description: 'Why nothing can be committed; absent while it can.',
  })
  reason?:
    'database_unavailable' | 'database_refuses_us' | 'database_read_only' | 'database_slow' | 'disk_full';

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Since when nothing can be committed.',
  })
  since?: string;

  @ApiProperty({ type: 'integer', example: 1 })
  running: number;

  @ApiProperty({ type: 'integer', example: 1 })
  connected: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Whose account WhatsApp limits.' })
  restricted: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Rows received and not yet committed.' })
  uncommitted_rows: number;
}

/** The single checks of readiness. */
export class ReadinessChecksResponse {
  @ApiProperty({ type: DatabaseCheckResponse })
  database: DatabaseCheckResponse;

  @ApiProperty({ type: RedisCheckResponse })
  redis: RedisCheckResponse;

  @ApiProperty({ type: WorkerCheckResponse })
  worker: WorkerCheckResponse;

  @ApiProperty({ type: EncryptionKeyCheckResponse })
  encryption_key: EncryptionKeyCheckResponse;

  @ApiProperty({ type: LogsCheckResponse })
  logs: LogsCheckResponse;

  @ApiProperty({ type: MediaStoreCheckResponse })
  media_store: MediaStoreCheckResponse;

  @ApiProperty({ type: SessionsCheckResponse })
  sessions: SessionsCheckResponse;
}

/** Answer of `GET /health/ready`. */
export class ReadinessResponse {
  @ApiProperty({ type: String, enum: ['ready', 'degraded', 'unavailable'], example: 'ready' })
  status: 'ready' | 'degraded' | 'unavailable';

  @ApiProperty({ type: String, format: 'date-time', example: '2025-10-02T12:00:00.000Z' })
  timestamp: string;

  @ApiProperty({ type: ReadinessChecksResponse })
  checks: ReadinessChecksResponse;
}
