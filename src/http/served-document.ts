import { createHash } from 'node:crypto';
import type { Application } from 'express';
import { dump } from 'js-yaml';
import type { ProxyTrust } from './client-address.js';
import { forwardedPrefix } from './forwarded-prefix.js';

/** Stands for the address of the service in a rendered document. */
const PLACE = 'address-of-the-service';

/** A document for machines that says where the service is. */
export interface ServedDocument {
  /** Its address, to which `-json` and `-yaml` are added. */
  path: string;
  /** @param root of the service */
  documentAt: (root: string) => object;
  /** The root where no trusted proxy says under which path it shows the service. */
  root: string;
}

/** A document that was rendered once: what stands around each place that names the address of the service. */
interface Rendered {
  parts: string[];
  hash: string;
}

/**
 * Shows a document as JSON and as YAML, to everybody.
 * @param trust which proxies are believed
 */
export function serveDocument(
  express: Application,
  trust: ProxyTrust,
  { path, documentAt, root }: ServedDocument,
): void {
  const formats: [string, string, () => string][] = [
    ['json', 'application/json', () => JSON.stringify(documentAt(PLACE))],
    ['yaml', 'text/yaml', () => dump(documentAt(PLACE), { skipInvalid: true, noRefs: true })],
  ];
  for (const [format, type, render] of formats) {
    const rendered = once(() => split(render()));
    express.get(`/${path}-${format}`, (request, response) => {
      const url = forwardedPrefix(request, trust) ?? root;
      const { parts, hash } = rendered();
      response.type(type).set('ETag', `"${hashOf(hash + url)}"`);
      response.send(parts.join(JSON.stringify(url)));
    });
  }
}

/** @returns what is made at the first call, at each */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** A string of JSON is one of YAML, too. */
function split(text: string): Rendered {
  return { parts: text.split(new RegExp(`"?${PLACE}"?`)), hash: hashOf(text) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
