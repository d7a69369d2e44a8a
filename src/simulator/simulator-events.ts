import type { MediaKind } from './media-host/media-cipher.js';
import type { DownloadFault } from './media-host/media-faults.js';
import type { ReceivedMessage } from './phones/received-message.js';
import type { Answer } from './server/delivery/stanza-delivery.js';

/** A linked device, as events name it. */
export interface DeviceEvent {
  /** Number of the account. */
  readonly phone: string;
  readonly device: number;
  /** Address by phone number, with device. */
  readonly jid: string;
}

/** A client's connection, numbered as they come. */
export interface ConnectionEvent {
  readonly connection: number;
}

/** What happens in the simulated network; payloads of `sim.on(...)`. */
export interface SimulatorEventMap {
  /** A client reached the server; whose it is shows at its login. */
  'connection.opened': [ConnectionEvent];
  /** It is over, whether it got as far as a login or not. */
  'connection.ended': [
    ConnectionEvent & {
      readonly reason: string;
      /** What the client said in all: 1 is a hello, after which it did not go on. */
      readonly frames: number;
    },
  ];
  /** A companion finished pairing; it has not logged in yet. */
  'device.paired': [DeviceEvent];
  /** A linked device asked for traffic: from now on it gets messages. */
  'device.connected': [DeviceEvent & ConnectionEvent];
  /** It took the sync keys and the history its phone sends after the first login. */
  'device.bootstrapped': [DeviceEvent];
  'device.disconnected': [DeviceEvent & { readonly reason: string }];
  /** A device is no longer linked, from whichever side. */
  'device.unlinked': [DeviceEvent];
  /** A client asked for a pairing code; the code itself never passes through the server. */
  'pairing-code.requested': [{ readonly number: string; readonly display: string }];
  /** A linked device answered a message of a phone for good. */
  'message.acknowledged': [
    { readonly id: string; readonly from: string; readonly device: string; readonly answer: Answer },
  ];
  /** A phone received a message, from a client or from another phone. */
  'message.received': [{ readonly phone: string; readonly message: ReceivedMessage }];
  /** A client sent a receipt: delivery (no type), `read`, `read-self`, `played`, `sender`, `inactive`, `retry` … */
  receipt: [
    {
      readonly phone: string;
      readonly device: number;
      readonly to: string;
      readonly ids: readonly string[];
      readonly type: string | undefined;
    },
  ];
  /** A fault took a client's query: it is refused or never answered. */
  'query.disturbed': [{ readonly xmlns: string }];
  /** The server took a message of a client; `error` when it was refused. */
  'client.message': [
    {
      readonly phone: string;
      readonly device: number;
      readonly id: string;
      readonly to: string;
      readonly error?: number;
    },
  ];
  /** A client uploaded a file; the same bytes once more are `isRepeated`. */
  'media.uploaded': [
    {
      readonly kind: MediaKind;
      readonly directPath: string;
      readonly size: number;
      readonly isRepeated: boolean;
    },
  ];
  /** A client could not fetch the file of a message and asked its own phone to upload it again. */
  'media.asked-again': [{ readonly phone: string; readonly id: string }];
  /** A client shows that it types (`composing`), records (`recording`) or no longer does (`paused`). */
  'client.typing': [
    {
      readonly phone: string;
      readonly to: string;
      readonly state: 'composing' | 'recording' | 'paused';
    },
  ];
  /** A client asked to be told when somebody is online. */
  'client.subscribed': [{ readonly phone: string; readonly to: string }];
  /** A client fetched a file, or tried to: what it was answered, and how many bytes of it went out. */
  'media.downloaded': [
    {
      readonly directPath: string;
      readonly status: number;
      readonly bytes: number;
      readonly fault: DownloadFault['kind'] | undefined;
    },
  ];
}
