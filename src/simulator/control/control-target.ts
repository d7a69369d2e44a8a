import type { Faults } from '../faults.js';
import type { MediaLibrary } from '../media-host/media-library.js';
import type { AccountRestriction, Phone } from '../phones/phone.js';
import type { Group } from '../server/group.js';
import type { Ledger } from '../server/ledger.js';
import type { NewPhone } from '../simulator-options.js';

/** What the control API drives: the part of a simulator that routes use. */
export interface ControlTarget {
  readonly url: string;
  readonly rootPublicKey: string;
  readonly phones: readonly Phone[];
  readonly unknownQueries: ReadonlyMap<string, number>;
  readonly mediaUrl: string;
  readonly media: MediaLibrary;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly groups: readonly Group[];
  /** The group with an id, if there is one. */
  group(id: string): Group | undefined;
  /** Makes a group; the first member created it. */
  addGroup(subject: string, members: readonly Phone[]): Group;
  /** The phone with a number, if there is one. */
  phone(number: string): Phone | undefined;
  /** Adds a phone. Throws when number or LID are malformed or taken. */
  addPhone(phone: NewPhone): Phone;
  /** Limits what an account may send; undefined lifts it. */
  restrict(phone: Phone, restriction: AccountRestriction | undefined): void;
}
