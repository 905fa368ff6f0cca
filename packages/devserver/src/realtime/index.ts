export { createRealtime } from './createRealtime.ts';
export type { Realtime, RealtimeOptions } from './createRealtime.ts';
