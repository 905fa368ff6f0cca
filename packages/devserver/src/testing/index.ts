export { createTestBackend } from './createTestBackend.ts';
export type { TestBackend, TestBackendOptions } from './createTestBackend.ts';
export type { BroadcastEvent, ChangesFilter, PresenceEvent, RecordEvents, SystemEvent } from './channelEvents.ts';
export type { ClientOptions } from './clients.ts';
export type { EventLog } from './eventLog.ts';
export { createManualClock } from './manualClock.ts';
export type { ManualClock } from './manualClock.ts';
export type { NewUser, Persona, TestUser } from './people.ts';
export type { Sql } from './sql.ts';
