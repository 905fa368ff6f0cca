export { createFaults, faultSeed, isActiveFault, type FaultControl } from './createFaults.ts';
export type { ActiveFault, FaultMethods, FaultRecord, Faults, FaultStep, Storm, StormOptions } from './faults.ts';
export { describeFaults, faultsHelp, type FaultDescription } from './describeFaults.ts';
export { createHttpSeam, throughSeam } from './httpSeam.ts';
export { expirable } from './tokenExpiry.ts';
export type { FaultName } from './definitions.ts';
export type { Who } from './who.ts';
