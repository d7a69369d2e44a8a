import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Acknowledgements } from './acknowledgements.js';
import { compareBusiness } from './compare-business.js';
import { compareMessages, compareOrder, compareTexts, describe } from './compare-messages.js';
import { compareReplies, countUnreadable } from './compare-replies.js';
import type { ChaosDatabase } from './database.js';
import { readStateSnapshot } from './state-snapshot.js';
import { Findings } from './findings.js';
import { readPlainMessages } from './plain-subject.js';
import type { Replies } from './replies.js';
import type { Population } from './population.js';
import type { PhoneMessages } from './phone-messages.js';

/** The figures that are asked of every subject, in the order of the table. */
const ALWAYS = [
  'lost',
  'doubled',
  'out of order',
  'acknowledged early',
  'unreadable replies',
  'nacks',
  'retry requests',
];
const OF_THE_SERVICE = [
  'made up',
  'wrong time',
  'dead rows',
  'rows not processed',
  'gaps in events',
  'contacts wrong',
  'bookings wrong',
  'counters wrong',
  'not on line',
  'replies doubled',
  'replies lost',
  'failed, but arrived',
  'sends without an outcome',
  'keys answered differently',
  'internal errors',
];

/** What a round leaves to be judged. */
export interface VerdictInput {
  simulator: WhatsAppSimulator;
  population: Population;
  phoneMessages: PhoneMessages;
  replies: Replies;
  acknowledgements: Acknowledgements;
  database: ChaosDatabase;
  isControl: boolean;
  /** Still open after the wait for quiet. */
  open: string[];
}

/** Compares everything. */
export async function judge(input: VerdictInput): Promise<Findings> {
  const findings = new Findings();
  findings.declare(...ALWAYS, ...(input.isControl ? [] : OF_THE_SERVICE));
  const { simulator, population, phoneMessages, replies, acknowledgements, database } = input;
  await acknowledgements.check('the end');
  if (input.isControl) {
    const stored = await readPlainMessages(database);
    const written = phoneMessages.all.filter(({ kind }) => kind === 'client');
    const texts = new Set(written.map(({ token }) => token));
    const relevant = stored.filter(({ content }) => texts.has(content));
    compareTexts('messages', written, relevant, findings);
    compareOrder('messages', written, relevant, findings);
  } else {
    const snapshot = await readStateSnapshot(database);
    compareMessages(phoneMessages.all, snapshot, findings);
    compareBusiness(population, phoneMessages.all, snapshot, findings);
    compareReplies(simulator, replies.all, snapshot, findings);
  }
  countUnreadable(simulator, findings);
  const { nacks, retryRequestsFromClients } = simulator.ledger.counters;
  findings.add(
    'nacks',
    nacks,
    Object.values(nacks).reduce((sum, count) => sum + count, 0),
  );
  findings.add('retry requests', {}, retryRequestsFromClients);
  for (const [phoneMessage, when] of acknowledgements.missing) {
    findings.add('acknowledged early', { when, ...describe(phoneMessage) });
  }
  for (const [phoneMessage, ms] of acknowledgements.early) {
    findings.add('acknowledged early', { byMs: ms, ...describe(phoneMessage) });
  }
  findings.add('not quiet at the end', input.open, input.open.length);
  phoneMessages.refused.forEach((refusal) => findings.add('harness: not taken', refusal));
  return findings;
}
