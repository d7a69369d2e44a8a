/** How a user is addressed: by phone number or by LID, the opaque number that is unrelated to the phone number. */
export type Addressing = 'pn' | 'lid';

/** A parsed user address. Device 0 is the phone and is never spelled out. */
export interface Address {
  readonly user: string;
  readonly server: string;
  readonly device: number;
}

/** Parses `user[:device]@server`; undefined when it is not an address. */
export function parseAddress(jid: string | undefined): Address | undefined {
  const at = jid?.indexOf('@') ?? -1;
  if (jid === undefined || at < 0) {
    return undefined;
  }
  const [user = '', device = '0'] = jid.slice(0, at).split(':');
  const number = Number(device);
  return Number.isInteger(number) && number >= 0
    ? { user, server: jid.slice(at + 1), device: number }
    : undefined;
}

/** Writes an address, with the device only when it is a linked one. */
export function formatAddress(user: string, addressing: Addressing, device = 0): string {
  const suffix = device > 0 ? `:${device}` : '';
  return `${user}${suffix}@${addressing === 'lid' ? 'lid' : 's.whatsapp.net'}`;
}

/** Which of the two forms an address has; other servers count as phone-number form. */
export function addressingOf(jid: string): Addressing {
  return jid.endsWith('@lid') ? 'lid' : 'pn';
}

/** The address without its device. */
export function userAddress(jid: string): string {
  return jid.replace(/:\d+@/, '@');
}
