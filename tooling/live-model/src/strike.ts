import type { Faults } from '@ruwad/realtime-devserver';
import type { Fault } from './commands.ts';
import type { Page } from './page.ts';
import type { Session } from './session.ts';

/** What faults strike. */
export interface Target {
  readonly faults: Faults;
  readonly page: Page;
  readonly session: Session;
}

/** Reads of rows and of the change log. */
const READS = '/rest/v1';

/** Does what a command says that is no write. Resolves when it has begun. */
export async function strike(fault: Fault, { faults, page, session }: Target): Promise<unknown> {
  switch (fault.do) {
    case 'drop':
      return faults.dropSockets();
    case 'half-open':
      return faults.halfOpen({ then: fault.then, ...(fault.forMs !== undefined && { forMs: fault.forMs }) });
    case 'slow reads':
      return faults.httpLatency({ path: READS, part: fault.part, ms: fault.ms });
    case 'failing reads':
      return faults.failRequests({ path: READS, count: fault.count });
    case 'hide':
      return page.hide();
    case 'show':
      return page.show();
    case 'restart server':
      return faults.restartServer({ graceful: fault.graceful, downMs: fault.downMs, coldMs: fault.coldMs });
    case 'restart database':
      return faults.restartDatabase({ downMs: fault.downMs, gapMs: fault.gapMs });
    case 'close channels':
      return faults.closeChannels();
    case 'refresh token':
      return session.refresh();
    case 'expire token':
      session.refreshIn(fault.lateMs);
      return faults.expireTokens();
    case 'delay ok':
      return faults.delaySystemOk({ ms: fault.ms, jitterMs: fault.jitterMs });
    case 'fail subscriptions':
      return faults.failSubscriptions({ count: fault.count });
    case 'duplicate':
      return faults.duplicateChanges();
    case 'skip batches':
      return faults.skipBatches({ count: fault.count });
    case 'late changes':
      return faults.delayChanges({ ms: fault.ms });
    case 'cut replication':
      return faults.cutReplication({ forMs: fault.forMs });
    case 'restart replication':
      return restartReplication(faults, fault.forMs);
    case 'heal':
      return faults.clear();
  }
}

/** Replication that stands still, and then says so: every subscription hears `system` ok again. */
async function restartReplication(faults: Faults, forMs: number): Promise<void> {
  const cut = await faults.cutReplication({ forMs });
  void cut.ended.then(() => faults.recheckPublication());
}
