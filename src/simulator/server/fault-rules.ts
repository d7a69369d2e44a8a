import { MediaFaults } from '../media-host/media-faults.js';
import type { CertificateFlaw } from '../protocol/certificate-authority.js';
import type { Attributes } from '../protocol/node.js';

/** A fault that applies a number of times. */
interface Counted<T> {
  readonly what: T;
  left: number;
}

/** How new connections are turned away: TCP reset, or an HTTP 503 to the upgrade request. */
export type OutageMode = 'reset' | 'http-503';

/** What to do with a query that a rule names. */
export type QueryFault = { readonly kind: 'swallow' } | { readonly kind: 'refuse'; readonly code: number };

/** The faults that change decisions of the server; tests set them through `sim.faults`. */
export class FaultRules {
  /** No client gets in; open connections were cut. */
  outage: OutageMode | undefined;
  /** What is wrong with the certificates that new connections are shown. */
  certificateFlaw: CertificateFlaw | undefined;
  /** Phones that link a client seem to vouch for it, with a signature that is not theirs. */
  areIdentitiesForged = false;
  readonly media = new MediaFaults();
  private readonly logins = new Map<string, Counted<Attributes>>();
  private readonly messages = new Map<string, Counted<number>>();
  private readonly acknowledgements = new Map<string, Counted<true>>();
  private readonly queries = new Map<string, Counted<QueryFault>>();
  private readonly pairings: number[] = [];

  /** The next logins of an account fail with these attributes (`reason` at least). */
  failLogins(number: string, attrs: Attributes, times: number): void {
    this.logins.set(number, { what: attrs, left: times });
  }

  /** The next messages of an account's clients are refused with a code. */
  refuseMessages(number: string, code: number, times: number): void {
    this.messages.set(number, { what: code, left: times });
  }

  /** The next messages of an account's clients are taken and delivered, but not acknowledged. */
  withholdAcknowledgements(number: string, times: number): void {
    this.acknowledgements.set(number, { what: true, left: times });
  }

  /** The next queries with a namespace are refused or never answered. */
  disturbQueries(xmlns: string, fault: QueryFault, times: number): void {
    this.queries.set(xmlns, { what: fault, left: times });
  }

  /** The next request for a pairing code is refused with a code. */
  refusePairing(code: number): void {
    this.pairings.push(code);
  }

  /** Takes the fault for a login, if one is due. */
  takeLogin(number: string): Attributes | undefined {
    return take(this.logins, number);
  }

  /** Takes the fault for a message, if one is due. */
  takeMessage(number: string): number | undefined {
    return take(this.messages, number);
  }

  /** Takes the fault for an acknowledgement. Returns whether one was due. */
  takeAcknowledgement(number: string): boolean {
    return take(this.acknowledgements, number) === true;
  }

  /** Takes the fault for a query, if one is due. */
  takeQuery(xmlns: string): QueryFault | undefined {
    return take(this.queries, xmlns);
  }

  /** Takes the fault for a pairing request, if one is due. */
  takePairing(): number | undefined {
    return this.pairings.shift();
  }

  /** Ends all of them, the outage too. */
  clear(): void {
    this.outage = undefined;
    this.certificateFlaw = undefined;
    this.areIdentitiesForged = false;
    this.logins.clear();
    this.messages.clear();
    this.acknowledgements.clear();
    this.queries.clear();
    this.pairings.length = 0;
    this.media.clear();
  }
}

function take<T>(rules: Map<string, Counted<T>>, key: string): T | undefined {
  const rule = rules.get(key);
  if (!rule) {
    return undefined;
  }
  rule.left--;
  if (rule.left <= 0) {
    rules.delete(key);
  }
  return rule.what;
}
