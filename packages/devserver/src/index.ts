export { startDevServer } from './startDevServer.ts';
export type { DevServer, DevServerOptions } from './startDevServer.ts';
export type { AuthSettings } from './auth/index.ts';
export { DevServerError } from './errors.ts';
export type { DevServerErrorCode } from './errors.ts';
export type { Clock } from './lib/time.ts';
export type { LimitsOption, TenantSettings } from './realtime/index.ts';
export type { ActiveFault, FaultMethods, FaultName, FaultRecord, Faults, FaultStep, Storm, StormOptions, Who } from './faults/index.ts';
export type { Logger, LogFields } from './logger.ts';
