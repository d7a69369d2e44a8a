import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate with its key, both in PEM. */
export interface TestCertificate {
  cert: string;
  key: string;
}

/** What a certificate says. */
export interface CertificateOptions {
  /** Its common name. */
  name: string;
  /** Host names and IPv4 addresses that it is for. */
  hosts?: readonly string[];
  /** In days from now. */
  validFrom?: number;
  validTo?: number;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

/** Issues certificates that only those take who know it. */
export class TestIssuer {
  readonly cert: string;
  private readonly name: string;
  private readonly key: KeyObject;

  constructor(name: string) {
    const { publicKey, privateKey } = newKeys();
    this.name = name;
    this.key = privateKey;
    const mayIssue = extension('551d13', sequence(Buffer.from([1, 1, 255])), true);
    this.cert = this.sign({ name }, publicKey, [mayIssue]);
  }

  /** @returns a certificate, by default valid since yesterday for ten days */
  issue(options: CertificateOptions): TestCertificate {
    const { publicKey, privateKey } = newKeys();
    const hosts = (options.hosts ?? []).map((host) =>
      isIPv4(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host)),
    );
    const extensions = hosts.length === 0 ? [] : [extension('551d11', sequence(...hosts), false)];
    return {
      cert: this.sign(options, publicKey, extensions),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }

  private sign(options: CertificateOptions, publicKey: KeyObject, extensions: Buffer[]): string {
    const { name, validFrom = -1, validTo = 10 } = options;
    const body = sequence(
      tlv(0xa0, tlv(2, Buffer.from([2]))),
      tlv(2, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ECDSA_WITH_SHA256,
      nameOf(this.name),
      sequence(timeOf(validFrom), timeOf(validTo)),
      nameOf(name),
      publicKey.export({ type: 'spki', format: 'der' }),
      ...(extensions.length === 0 ? [] : [tlv(0xa3, sequence(...extensions))]),
    );
    const signature = tlv(3, Buffer.concat([Buffer.from([0]), sign('sha256', body, this.key)]));
    const text = sequence(body, ECDSA_WITH_SHA256, signature).toString('base64');
    return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{64}/g, '$&\n').trim()}\n-----END CERTIFICATE-----\n`;
  }
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function nameOf(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('550403'), tlv(12, Buffer.from(commonName)))));
}

function timeOf(days: number): Buffer {
  const time = new Date(Date.now() + days * DAY_MS).toISOString();
  return tlv(0x17, Buffer.from(`${time.slice(2, 19).replace(/[-T:]/g, '')}Z`));
}

function extension(id: string, value: Buffer, isCritical: boolean): Buffer {
  return sequence(oid(id), ...(isCritical ? [Buffer.from([1, 1, 255])] : []), tlv(4, value));
}

function oid(hex: string): Buffer {
  return tlv(6, Buffer.from(hex, 'hex'));
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

/** DER: tag, length, value. */
function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const bytes = [length >> 8, length & 255];
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}
