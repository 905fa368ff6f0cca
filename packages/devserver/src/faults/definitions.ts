import { cutReplication, delayChanges, duplicateChanges, reorderChannels, skipBatches } from './changeFaults.ts';
import { closeChannels, crashChannels, expireTokens, refuseJoins, revokeSessions } from './channelFaults.ts';
import type { FaultDefinition } from './fault.ts';
import type { FaultMethods } from './faults.ts';
import { failRequests, httpLatency, loseResponses } from './httpFaults.ts';
import { limit } from './limitFault.ts';
import { restartDatabase, restartServer } from './restartFaults.ts';
import { closeSockets, dropSockets, halfOpen, latency, refuseHandshakes } from './socketFaults.ts';
import { coldStart, delaySystemOk, failSubscriptions, recheckPublication } from './subscriptionFaults.ts';

/** Name of a fault: its method in `server.faults`, and its path at the control endpoint. */
export type FaultName = keyof FaultMethods;

/** All faults. What the methods of `server.faults`, the control endpoint and the README know comes from here. */
export const DEFINITIONS = {
  dropSockets,
  closeSockets,
  halfOpen,
  latency,
  refuseHandshakes,
  closeChannels,
  crashChannels,
  refuseJoins,
  expireTokens,
  revokeSessions,
  delaySystemOk,
  coldStart,
  failSubscriptions,
  recheckPublication,
  skipBatches,
  cutReplication,
  duplicateChanges,
  reorderChannels,
  delayChanges,
  restartServer,
  restartDatabase,
  httpLatency,
  failRequests,
  loseResponses,
  limit,
} satisfies Record<FaultName, FaultDefinition>;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(DEFINITIONS, name);
}
