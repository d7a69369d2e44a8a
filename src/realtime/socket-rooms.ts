import { holdsAll } from '../auth/grants.js';
import { managersRoomOf, organizationOfRoom, roomOf } from './realtime-emitter.js';
import type { ClientSocket } from './socket-events.js';

/** @returns the organizations that a socket listens to */
export function organizationsOf(socket: ClientSocket): string[] {
  return [...socket.rooms].flatMap((room) => organizationOfRoom(room) ?? []);
}

/**
 * Puts a socket into those rooms of an organization in which its caller may listen by now, and takes it out of the others.
 * @returns whether it listens to the organization
 */
export async function listenAsAllowed(socket: ClientSocket, organizationId: string): Promise<boolean> {
  const { principal } = socket.data;
  const mayListen = holdsAll(principal, organizationId, ['read']);
  if (!mayListen) {
    await leaveOrganization(socket, organizationId);
    return false;
  }
  await socket.join(roomOf(organizationId));
  if (holdsAll(principal, organizationId, ['manage'])) {
    await socket.join(managersRoomOf(organizationId));
  } else {
    await socket.leave(managersRoomOf(organizationId));
  }
  return true;
}

export async function leaveOrganization(socket: ClientSocket, organizationId: string): Promise<void> {
  await socket.leave(managersRoomOf(organizationId));
  await socket.leave(roomOf(organizationId));
}
