import { describe, expect, it, vi } from 'vitest';
import { createTime } from '../../lib/time.ts';
import { createManualClock } from '../../testing/manualClock.ts';
import { recordingLogger } from '../../../test/support/recordingLogger.ts';
import { TICK_MS } from './rateMeter.ts';
import { Tenant, type TenantOptions } from './tenant.ts';

function tenantWith(limits?: TenantOptions['limits']) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const tenant = new Tenant({ time: createTime({ clock }), logger, ...(limits === undefined ? {} : { limits }) });
  const flood = () => {
    tenant.rates.maxDbEventsPerSecond.count(10_000);
    clock.advance(2 * TICK_MS);
  };
  return { tenant, lines: logger.lines, flood };
}

describe('a rate over the limit of a Supabase project', () => {
  it('is let pass by default, with one line that says what Supabase would do', () => {
    const { tenant, lines, flood } = tenantWith();
    flood();
    expect(tenant.rates.maxDbEventsPerSecond.exceeded).toBe(false);
    expect(lines).toEqual([expect.stringMatching(/^warn maxDbEventsPerSecond: a Supabase project is limited to 100 by default, and there changes of rows are dropped, and no client is told; .*'supabase'$/)]);
  });

  it("bites with 'supabase', with one line that names the option that raises it", () => {
    const { tenant, lines, flood } = tenantWith('supabase');
    flood();
    flood();
    expect(tenant.rates.maxDbEventsPerSecond.exceeded).toBe(true);
    expect(lines).toEqual(['warn maxDbEventsPerSecond of 100 is reached: changes of rows are dropped, and no client is told; the option limits.maxDbEventsPerSecond raises it']);
  });

  it("is nobody's business when 'off'", () => {
    const { tenant, lines, flood } = tenantWith('off');
    flood();
    expect(tenant.rates.maxDbEventsPerSecond.exceeded).toBe(false);
    expect(lines).toEqual([]);
  });
});

describe('settings', () => {
  it('that change a limit have its rate measured anew', () => {
    const { tenant, flood } = tenantWith('supabase');
    flood();
    tenant.set({ maxEventsPerSecond: 5 });
    expect(tenant.rates.maxDbEventsPerSecond.exceeded).toBe(true);
    tenant.set({ maxDbEventsPerSecond: 50 });
    expect(tenant.rates.maxDbEventsPerSecond.exceeded).toBe(false);
    expect(tenant.settings).toMatchObject({ maxEventsPerSecond: 5, maxDbEventsPerSecond: 50, maxConcurrentUsers: 200 });
  });

  it('disconnect everybody when they switch the tenant, and only then', () => {
    const { tenant } = tenantWith();
    const disconnect = vi.fn();
    tenant.onDisconnect(disconnect);
    tenant.set({ maxConcurrentUsers: 1, suspend: false });
    expect(disconnect).not.toHaveBeenCalled();
    tenant.set({ suspend: true });
    tenant.set({ privateOnly: true });
    expect(disconnect).toHaveBeenCalledTimes(2);
  });
});
