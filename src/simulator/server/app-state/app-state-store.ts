import { proto } from '@whiskeysockets/baileys';

interface Collection {
  version: number;
  readonly patches: { readonly version: number; readonly bytes: Buffer }[];
}

const MAX_PATCHES = 5000;

/** App state of an account as a server sees it: per collection a version and opaque patches. */
export class AppStateStore {
  private readonly collections = new Map<string, Collection>();

  /** Present version of a collection; 0 when nothing was ever stored. */
  version(name: string): number {
    return this.collections.get(name)?.version ?? 0;
  }

  /** Patches above a version, oldest first. */
  patchesAfter(name: string, version: number): Buffer[] {
    const patches = this.collections.get(name)?.patches ?? [];
    return patches.filter((patch) => patch.version > version).map((patch) => patch.bytes);
  }

  /** Appends a client's patch made on top of `version`. Returns the new version, or undefined on a conflict. */
  append(name: string, version: number, patch: Uint8Array): number | undefined {
    const collection = this.collections.get(name) ?? { version: 0, patches: [] };
    if (collection.version !== version) {
      return undefined;
    }
    const decoded = proto.SyncdPatch.decode(patch);
    collection.version = version + 1;
    decoded.version = { version: collection.version };
    const bytes = Buffer.from(proto.SyncdPatch.encode(decoded).finish());
    collection.patches.push({ version: collection.version, bytes });
    if (collection.patches.length > MAX_PATCHES) {
      collection.patches.shift();
    }
    this.collections.set(name, collection);
    return collection.version;
  }
}
