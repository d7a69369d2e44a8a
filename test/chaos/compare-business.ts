import type { StateSnapshot } from './state-snapshot.js';
import { type Findings, tally } from './findings.js';
import type { Population } from './population.js';
import type { PhoneMessage } from './phone-messages.js';

const REACHED = new Set(['sent', 'delivered', 'read']);

/** What follows from messages: sequences of events, contacts, bookings, counters, status. */
export function compareBusiness(
  population: Population,
  phoneMessages: readonly PhoneMessage[],
  snapshot: StateSnapshot,
  findings: Findings,
): void {
  compareSequences(snapshot, findings);
  compareContacts(phoneMessages, snapshot, findings);
  compareBookings(snapshot, findings);
  compareCounters(population, snapshot, findings);
}

function compareSequences({ events, organizations }: StateSnapshot, findings: Findings): void {
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

function compareContacts(
  phoneMessages: readonly PhoneMessage[],
  { contacts }: StateSnapshot,
  findings: Findings,
): void {
  const byAddress = new Map<string, Set<string>>();
  for (const { id, organization_id, phone_number, lid } of contacts) {
    for (const address of [phone_number && `pn ${phone_number}`, lid && `lid ${lid}`]) {
      const key = `${organization_id} ${address}`;
      byAddress.set(key, (byAddress.get(key) ?? new Set()).add(id));
    }
  }
  const seen = new Set<string>();
  for (const { kind, linkedNumber, client } of phoneMessages) {
    const { number, lid } = client.phone;
    const key = `${linkedNumber.organization} ${number}`;
    if (kind === 'client' && !seen.has(key)) {
      seen.add(key);
      const found = new Set([
        ...(byAddress.get(`${linkedNumber.organization} pn ${number}`) ?? []),
        ...(byAddress.get(`${linkedNumber.organization} lid ${lid}`) ?? []),
      ]);
      if (found.size !== 1) {
        findings.add('contacts wrong', {
          organization: linkedNumber.organization,
          number,
          lid,
          contacts: [...found],
        });
      }
    }
  }
}

function compareBookings({ bookings, inbound, contacts }: StateSnapshot, findings: Findings): void {
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

function compareCounters(population: Population, snapshot: StateSnapshot, findings: Findings): void {
  const received = tally(snapshot.inbound, ({ instance_id }) => instance_id);
  const sent = tally(
    snapshot.outbound.filter(({ status }) => REACHED.has(status)),
    ({ instance_id }) => instance_id,
  );
  for (const instance of snapshot.instances) {
    const expected = { received: received.get(instance.id) ?? 0, sent: sent.get(instance.id) ?? 0 };
    if (instance.received !== expected.received || instance.sent !== expected.sent) {
      findings.add('counters wrong', { ...instance, expected });
    }
    if (instance.status !== 'connected') {
      findings.add('not on line', instance);
    }
  }
  for (const linkedNumber of population.linkedNumbers) {
    if (!population.deviceOf(linkedNumber)) {
      findings.add('not on line', { instance: linkedNumber.id, unlinked: true });
    }
  }
}
