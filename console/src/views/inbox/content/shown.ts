import type { Message, Note } from '../data/conversations.ts';

/** What a message or a note says, whatever kind it is of. */
export type Shown = Message | Note;
