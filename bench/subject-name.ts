/**
 * What is measured:
 * - `bare`: unmodified Baileys, keys and messages in memory;
 * - `session`: the service without a worker, to the committed inbox row;
 * - `service`: the service with its worker in one process, to the Socket.IO event;
 * - `embedded`: as `service`, on the embedded database.
 */
export const SUBJECTS = ['bare', 'session', 'service', 'embedded'] as const;

export type SubjectName = (typeof SUBJECTS)[number];
