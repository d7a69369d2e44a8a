import { Injectable } from '@nestjs/common';
import type { Server } from 'socket.io';
import { MESSAGE_STEPS, passed } from '../common/message-steps.js';
import {
  type OutgoingEvent,
  toldPayload,
  type WhatsappEventName,
  type WhatsappEvents,
} from '../common/whatsapp-events.js';
import { offsetOf } from './event-offset.js';

const ROOM_PREFIX = 'organization:';
const MANAGERS_PREFIX = 'managers:';

/** What the emitter tells of rooms: whether anybody of this process listens to an organization. */
export interface RoomWatcher {
  /** The first socket of this process joined. */
  opened(organizationId: string): void;
  /** The last one left. */
  closed(organizationId: string): void;
}

/** Sends events to those who joined an organization, and to nobody else. */
@Injectable()
export class RealtimeEmitter {
  private server: Server | undefined;
  private watcher: RoomWatcher | undefined;

  /** @param server the Socket.IO server of this process; a process without one emits to nobody */
  attach(server: Server): void {
    this.server = server;
    const { adapter } = server.of('/');
    adapter.on('create-room', (room: string) => this.tell(room, 'opened'));
    adapter.on('delete-room', (room: string) => this.tell(room, 'closed'));
  }

  /** @param watcher told of rooms from now on */
  watch(watcher: RoomWatcher): void {
    this.watcher = watcher;
  }

  /**
   * To the sockets of all processes that may manage the organization.
   * @param organizationId whose room
   * @param name of the event
   * @param payload as subscribers receive it
   */
  emitToManagers<Name extends WhatsappEventName>(
    organizationId: string,
    name: Name,
    payload: WhatsappEvents[Name],
  ): void {
    this.server?.to(managersRoomOf(organizationId)).emit(name, payload);
  }

  /**
   * To the sockets of all processes that joined the organization; for what is not stored.
   * @param payload as subscribers receive it
   */
  emitToAll<Name extends WhatsappEventName>(
    organizationId: string,
    name: Name,
    payload: WhatsappEvents[Name],
  ): void {
    this.server?.to(roomOf(organizationId)).emit(name, payload);
  }

  /**
   * To the sockets of this process: every process learns of stored events by itself.
   * @param event a committed row of the `events` table
   */
  emitHere(event: OutgoingEvent): void {
    const { organizationId, name } = event;
    this.server?.local.to(roomOf(organizationId)).emit(name, toldPayload(event), offsetOf(event));
    passed(MESSAGE_STEPS.emitted, event);
  }

  private tell(room: string, change: keyof RoomWatcher): void {
    const organizationId = organizationOfRoom(room);
    if (organizationId !== undefined) {
      this.watcher?.[change](organizationId);
    }
  }
}

/** @returns whose room it is, or undefined for one that is no organization's */
export function organizationOfRoom(room: string): string | undefined {
  return room.startsWith(ROOM_PREFIX) ? room.slice(ROOM_PREFIX.length) : undefined;
}

/** @returns the name of an organization's room; no socket id looks like it */
export function roomOf(organizationId: string): string {
  return ROOM_PREFIX + organizationId;
}

/** @returns the name of the room in an organization where people hear what links a phone to it */
export function managersRoomOf(organizationId: string): string {
  return MANAGERS_PREFIX + organizationId;
}
