import { getQueueToken } from '@nestjs/bullmq';
import { expect, it } from 'vitest';
import { INBOX_QUEUE, INBOX_QUEUE_TOKEN } from './inbox-queue.js';

it('is provided under the token by which the library looks for it', () => {
  expect(INBOX_QUEUE_TOKEN).toBe(getQueueToken(INBOX_QUEUE));
});
