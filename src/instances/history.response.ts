import { ApiProperty } from '@nestjs/swagger';
import type { HistoryOverview, HistorySync, HistorySyncState } from '../repositories/history.repository.js';
import type { HistoryPolicy } from '../repositories/instance.js';
import { HISTORY_POLICIES } from './dto/history-policies.js';

const SYNC_STATES = ['pending', 'done', 'failed', 'skipped'] as const satisfies HistorySyncState[];
const STATES = ['none', 'running', 'done', 'failed'] as const;

/** One piece of history that WhatsApp handed over. */
export class HistorySyncResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, enum: SYNC_STATES })
  state: HistorySyncState;

  @ApiProperty({ type: String, nullable: true, example: 'recent', description: 'Why it was handed over.' })
  type: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  chunk_order: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: "The phone's word, in per cent." })
  progress: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'The request that it answers.' })
  request_id: string | null;

  @ApiProperty({ type: 'integer', description: 'Messages that were not there before.' })
  stored: number;

  @ApiProperty({ type: 'integer', description: 'Messages that were there already, or are not to be kept.' })
  known: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'expired',
    description: 'Why it failed, or failed last.',
  })
  error: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
}

/** How far the history of an instance is. */
export class HistoryResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  instance_id: string;

  @ApiProperty({ type: String, enum: HISTORY_POLICIES, description: 'As `PATCH` of the instance sets it.' })
  policy: HistoryPolicy;

  @ApiProperty({
    type: String,
    enum: STATES,
    description: '`none`: nothing was handed over. `running`: pieces wait or are being stored.',
  })
  state: (typeof STATES)[number];

  @ApiProperty({ type: 'integer', nullable: true, description: "The phone's last word, in per cent." })
  progress: number | null;

  @ApiProperty({ type: 'integer', description: 'Stored messages and notes.' })
  messages: number;

  @ApiProperty({ type: 'integer', description: 'Pieces that wait or are being stored.' })
  pending: number;

  @ApiProperty({ type: 'integer' })
  done: number;

  @ApiProperty({ type: 'integer' })
  failed: number;

  @ApiProperty({ type: [HistorySyncResponse], description: 'The last 50 pieces, the newest first.' })
  syncs: HistorySyncResponse[];
}

/** @returns how far the history of an instance is, as REST shows it */
export function toHistoryResponse(instanceId: string, overview: HistoryOverview): HistoryResponse {
  const { policy, progress, messages, pending, done, failed, syncs } = overview;
  return {
    instance_id: instanceId,
    policy,
    state: stateOf(overview),
    progress,
    messages,
    pending,
    done,
    failed,
    syncs: syncs.map(toSyncResponse),
  };
}

function stateOf({ pending, done, failed, syncs }: HistoryOverview): HistoryResponse['state'] {
  if (pending > 0) {
    return 'running';
  }
  if (failed > 0) {
    return 'failed';
  }
  return done > 0 || syncs.length > 0 ? 'done' : 'none';
}

function toSyncResponse(sync: HistorySync): HistorySyncResponse {
  return {
    id: sync.id,
    state: sync.state,
    type: sync.syncType,
    chunk_order: sync.chunkOrder,
    progress: sync.progress,
    request_id: sync.requestId,
    stored: sync.stored,
    known: sync.known,
    error: sync.error,
    created_at: sync.createdAt,
    updated_at: sync.updatedAt,
  };
}
