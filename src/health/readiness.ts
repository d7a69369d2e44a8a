import type { ReadinessChecksResponse, ReadinessResponse } from './readiness.response.js';

/** What readiness answers in any process. */
export type ReadinessReport = Omit<ReadinessResponse, 'checks'> & {
  checks: Partial<ReadinessChecksResponse>;
};

/** Whether this process can do its work. Injection token of whichever work it has. */
export abstract class Readiness {
  /** Answers within about 2 s. Never rejects. */
  abstract getReadiness(): Promise<ReadinessReport>;
}
