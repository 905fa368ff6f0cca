import type { Vsn } from '../codec/message.ts';
import { PresenceRoom } from '../presence/presenceRoom.ts';
import type { Broadcast } from './broadcast.ts';
import { sharedFrame, type OutFrame } from './outFrame.ts';

/** What a channel may receive or send. */
export interface Rights {
  broadcast: boolean;
  presence: boolean;
}

/** A joined channel, as the others in its room see it. */
export interface Member {
  readonly vsn: Vsn;
  /** What it may read; rooms deliver nothing else. */
  readonly reads: Rights;
  send(frame: OutFrame): void;
  /** Counts what it was just sent against the tenant's rates, by which it may end. */
  countReceived(about: keyof Rights): void;
  /** Whether it got this database broadcast already, by replay. */
  wasReplayed(id: string): boolean;
}

/** Everybody on one topic, and who of them is present. A private and a public channel of one name are two rooms. */
export class Room {
  readonly members = new Set<Member>();
  readonly presence = new PresenceRoom();

  /** Sends to all who may read it, but not to `except`; a frame is made once for each protocol version. */
  publish(broadcast: Broadcast, { about, except, id }: { about: keyof Rights; except?: Member | undefined; id?: string | undefined }): void {
    const frameFor = sharedFrame(broadcast);
    for (const member of this.members) {
      if (member === except || !member.reads[about] || (id !== undefined && member.wasReplayed(id))) continue;
      const frame = frameFor(member.vsn);
      if (!frame) continue;
      member.send(frame);
      member.countReceived(about);
    }
  }

  /** Whether a broadcast would reach a socket of protocol version 2. */
  reachesVersion2(except: Member | undefined): boolean {
    for (const member of this.members) {
      if (member !== except && member.vsn === '2.0.0' && member.reads.broadcast) return true;
    }
    return false;
  }
}

/** The rooms that somebody is in. */
export class Hub {
  readonly #rooms = new Map<string, Room>();

  enter(topic: string, isPrivate: boolean, member: Member): Room {
    const key = keyOf(topic, isPrivate);
    const room = this.#rooms.get(key) ?? new Room();
    this.#rooms.set(key, room);
    room.members.add(member);
    return room;
  }

  /** Takes the member out, telling the others if it was present. */
  leave(topic: string, isPrivate: boolean, member: Member): void {
    const key = keyOf(topic, isPrivate);
    const room = this.#rooms.get(key);
    if (!room?.members.delete(member)) return;
    if (room.members.size === 0) this.#rooms.delete(key);
  }

  /** Empties every room: whoever is still in one hears nothing more, and nobody hears of it. */
  dissolve(): void {
    for (const room of this.#rooms.values()) room.members.clear();
    this.#rooms.clear();
  }

  /** The room of a topic, if somebody is in it. The topic carries its prefix `realtime:`. */
  room(topic: string, isPrivate: boolean): Room | undefined {
    return this.#rooms.get(keyOf(topic, isPrivate));
  }
}

function keyOf(topic: string, isPrivate: boolean): string {
  return `${isPrivate ? 'private' : 'public'}:${topic}`;
}
