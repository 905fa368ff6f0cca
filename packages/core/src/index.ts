export { defineChannel } from './channel/defineChannel.ts';
export type {
  BroadcastNames,
  BroadcastOf,
  ChangeType,
  ChannelDefinition,
  ChannelOptions,
  Filter,
  ParamsArgs,
  ParamsOf,
  ParamsOption,
  PresenceOf,
  RowOf,
  Schemas,
  TableDefinition,
  TableNames,
} from './channel/defineChannel.ts';
export { createChannelGroup } from './channel/channelGroup.ts';
export type { ChannelGroup } from './channel/channelGroup.ts';
export { listenChannel } from './channel/listenChannel.ts';
export type { ChannelHandlers } from './channel/listenChannel.ts';
export { throttledChanges } from './channel/throttledChanges.ts';
export type { AnyChange } from './channel/throttledChanges.ts';
export type {
  Broadcast,
  Change,
  Channel,
  ChannelState,
  ChannelStatus,
  DeleteChange,
  Gap,
  InsertChange,
  InvalidPayload,
  PresenceEntry,
  PresenceMap,
  UpdateChange,
} from './channel/types.ts';
export type { Feature, RealtimeClient, RealtimeClientOptions, RealtimeUser } from './clientTypes.ts';
export { connectionHealth } from './connection/connectionHealth.ts';
export type { ConnectionHealth } from './connection/connectionHealth.ts';
export type { ReconnectOptions } from './connection/reconnectDelay.ts';
export type { Connection, ConnectionState, ConnectionStatus } from './connection/types.ts';
export { ERROR_CODES, RealtimeError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export { createBackgroundClock } from './lib/backgroundClock.ts';
export type { BackgroundClockOptions, BackgroundPlatform, TimerWorker } from './lib/backgroundClock.ts';
export { systemClock } from './lib/clock.ts';
export type { Clock, TimerHandle } from './lib/clock.ts';
export type { Frames } from './lib/frames.ts';
export { silentLogger } from './lib/logger.ts';
export type { Logger } from './lib/logger.ts';
export type { OutputOf, SchemaIssue, SchemaResult, StandardSchema } from './lib/standardSchema.ts';
export { changeLog } from './live/changeLogSource.ts';
export type { ChangeLogs } from './live/changeLogSource.ts';
export type { LiveQuery, LiveQueryOptions, LiveRowsOptions, LiveState, LiveStatus, Selected, Where } from './live/types.ts';
export { defineAction } from './outbox/defineAction.ts';
export type { ActionOptions, AnswerOutput } from './outbox/defineAction.ts';
export { memoryStorage } from './outbox/memoryStorage.ts';
export { outbox } from './outbox/outbox.ts';
export { tableActions } from './outbox/tableActions.ts';
export type { RowUpdate, TableActions, TableActionsOptions } from './outbox/tableActions.ts';
export type { Conflict, JsonRow, Resolve } from './outbox/updateRow.ts';
export { newId } from './lib/uuid7.ts';
export type { OutboxFactory, OutboxOptions } from './outbox/outbox.ts';
export type {
  ActionDefinition,
  Answer,
  AnyAction,
  ExecuteContext,
  Json,
  Outbox,
  OutboxEntry,
  OutboxQueue,
  OutboxState,
  OutboxStorage,
  QueueChange,
  QueuedAction,
  Receipt,
  ReceiptState,
  StoredAction,
  StoredFailure,
  TabMessage,
  Tabs,
} from './outbox/types.ts';
export { batch } from './pipeline/batch.ts';
export type { BatchOptions } from './pipeline/batch.ts';
export { conflateBy, throttle } from './pipeline/conflateBy.ts';
export type { ConflateOptions } from './pipeline/conflateBy.ts';
export { sideEffect } from './pipeline/sideEffect.ts';
export { createRealtimeClient } from './realtimeClient.ts';
export { createStore } from './store/store.ts';
export { decodeFrame } from './wire/decodeFrame.ts';
export type { DecodedFrame } from './wire/decodeFrame.ts';
export type { Store, StoreOptions, WritableStore } from './store/store.ts';
