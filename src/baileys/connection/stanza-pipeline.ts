import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { type StanzaHandler, takeOverStanzas } from '../patches/stanza-listeners.js';

/**
 * What stanzas of each tag go through, in this order, before the library gets them as the last stage.
 * - `ignore`: what this service takes no part in is acknowledged and goes no further
 * - `queue`: one after the other, of a chat in order, the chats in turn
 * - `receive`: the usual message is received here, and goes no further
 * - `observe`: what has a row in the inbox without being decrypted gets it now; what the library would refuse goes no further
 * - `follow`: what the library does for this stanza is known as such
 * - `watch`: a handling that does not end is noticed, what comes behind this included
 * - `record`: what the phone says of files that it was asked for is stored
 * - `groups`: what was changed of a group is stored, where groups are
 * - `guard`: requests for new copies go on only when the requester may have them
 */
export const STAGES = {
  message: ['ignore', 'queue', 'receive', 'observe', 'follow'],
  status: ['ignore'],
  receipt: ['watch', 'guard'],
  notification: ['watch', 'record', 'groups'],
  call: ['watch'],
} as const satisfies Record<string, readonly string[]>;

export type StanzaTag = keyof typeof STAGES;

/**
 * One stage: gets a stanza, and hands it on or keeps it.
 * @param next the stages behind it; what it returns settles when they are done, where they can tell
 */
export type Stage = (stanza: BinaryNode, next: StanzaHandler) => unknown;

/** All stages of all tags by name. */
export type Stages = { [Tag in StanzaTag]: Record<(typeof STAGES)[Tag][number], Stage> };

/**
 * Has the stanzas of a socket go through their stages from now on.
 * @param ws the library's socket client, in the tick in which it was made
 */
export function installPipeline(ws: EventEmitter, stages: Stages): void {
  for (const tag of Object.keys(STAGES) as StanzaTag[]) {
    takeOverStanzas(ws, tag, (library) => compose(stagesOf(stages, tag), library));
  }
}

function stagesOf(stages: Stages, tag: StanzaTag): Stage[] {
  const named: Record<string, Stage> = stages[tag];
  return STAGES[tag].map((name) => named[name]!);
}

function compose(stages: readonly Stage[], library: StanzaHandler): StanzaHandler {
  return stages.reduceRight<StanzaHandler>((next, stage) => (stanza) => stage(stanza, next), library);
}
