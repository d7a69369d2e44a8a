import type { Evidence } from './evidence.js';
import { type Findings, tally } from './findings.js';
import type { Town } from './town.js';
import type { Writing } from './writings.js';

const REACHED = new Set(['sent', 'delivered', 'read']);

/** What follows from messages: sequences of events, contacts, bookings, counters, status. */
export function compareBusiness(
  town: Town,
  writings: readonly Writing[],
  evidence: Evidence,
  findings: Findings,
): void {
  compareSequences(evidence, findings);
  compareContacts(writings, evidence, findings);
  compareBookings(evidence, findings);
  compareCounters(town, evidence, findings);
}

function compareSequences({ events, organizations }: Evidence, findings: Findings): void {
  const counts = tally(events, ({ organization_id }) => organization_id);
  for (const { id, event_seq } of organizations) {
    const sequences = events.filter((event) => event.organization_id === id).map(({ sequence }) => sequence);
    const gaps = sequences.filter((sequence, index) => sequence !== index + 1).length;
    findings.add('gaps in events', { organization: id, gaps }, gaps);
    if (event_seq !== (counts.get(id) ?? 0)) {
      findings.add('gaps in events', { organization: id, event_seq, events: counts.get(id) });
    }
  }
}

function compareContacts(writings: readonly Writing[], { contacts }: Evidence, findings: Findings): void {
  const byAddress = new Map<string, Set<string>>();
  for (const { id, organization_id, phone_number, lid } of contacts) {
    for (const address of [phone_number && `pn ${phone_number}`, lid && `lid ${lid}`]) {
      const key = `${organization_id} ${address}`;
      byAddress.set(key, (byAddress.get(key) ?? new Set()).add(id));
    }
  }
  const seen = new Set<string>();
  for (const { kind, line, client } of writings) {
    const { number, lid } = client.phone;
    const key = `${line.organization} ${number}`;
    if (kind === 'client' && !seen.has(key)) {
      seen.add(key);
      const found = new Set([
        ...(byAddress.get(`${line.organization} pn ${number}`) ?? []),
        ...(byAddress.get(`${line.organization} lid ${lid}`) ?? []),
      ]);
      if (found.size !== 1) {
        findings.add('contacts wrong', {
          organization: line.organization,
          number,
          lid,
          contacts: [...found],
        });
      }
    }
  }
}

function compareBookings({ bookings, inbound, contacts }: Evidence, findings: Findings): void {
  const pending = tally(
    bookings.filter(({ status }) => status === 'pending'),
    ({ contact_id }) => contact_id,
  );
  const writers = new Set(inbound.map(({ contact_id }) => contact_id));
  for (const { id } of contacts) {
    const expected = writers.has(id) ? 1 : 0;
    if ((pending.get(id) ?? 0) !== expected) {
      findings.add('bookings wrong', { contact: id, expected, found: pending.get(id) ?? 0 });
    }
  }
}

function compareCounters(town: Town, evidence: Evidence, findings: Findings): void {
  const received = tally(evidence.inbound, ({ instance_id }) => instance_id);
  const sent = tally(
    evidence.outbound.filter(({ status }) => REACHED.has(status)),
    ({ instance_id }) => instance_id,
  );
  for (const instance of evidence.instances) {
    const expected = { received: received.get(instance.id) ?? 0, sent: sent.get(instance.id) ?? 0 };
    if (instance.received !== expected.received || instance.sent !== expected.sent) {
      findings.add('counters wrong', { ...instance, expected });
    }
    if (instance.status !== 'connected') {
      findings.add('not on line', instance);
    }
  }
  for (const line of town.lines) {
    if (!town.deviceOf(line)) {
      findings.add('not on line', { instance: line.id, unlinked: true });
    }
  }
}
