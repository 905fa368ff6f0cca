import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createFakeLocks, type FakeLocks } from '../../test/support/fakeLocks.ts';
import { createBrowserTabs } from './browserTabs.ts';
import type { LeaseRecord, LeaseStore } from './standByLease.ts';
import type { TabMessage, Tabs } from './types.ts';

let locks: FakeLocks;

beforeEach(() => {
  locks = createFakeLocks();
  vi.stubGlobal('navigator', { locks });
});
afterEach(() => { vi.unstubAllGlobals(); });

/** A lease that nobody else wants. */
function freeLease() {
  let stored: LeaseRecord | null = null;
  const store: LeaseStore = {
    read: () => Promise.resolve(stored),
    swap: (_expected, next) => {
      stored = next;
      return Promise.resolve(true);
    },
    guard: () => () => undefined,
  };
  return { store, holder: () => stored?.holder ?? null };
}

function openTab({ lease = freeLease().store, clock = createFakeClock() } = {}) {
  const tabs = createBrowserTabs({ name: 'app', clock, lease: () => ({ store: lease, release: () => undefined }) });
  const closing = new AbortController();
  const terms: AbortSignal[] = [];
  return { tabs, clock, closing, terms, stand: (scope = 'sara') => { tabs.campaign(scope, closing.signal, (leading) => terms.push(leading)); }, leads: () => terms.at(-1)?.aborted === false };
}

describe('which tab drains', () => {
  test('Q5: one at a time, and the next at once when it closes', async () => {
    const [a, b, c] = [openTab(), openTab(), openTab()];
    for (const tab of [a, b, c]) tab.stand();
    await settle();
    expect([a, b, c].map((tab) => tab.leads())).toEqual([true, false, false]);
    b.closing.abort();
    a.closing.abort();
    await settle();
    expect([a, b, c].map((tab) => tab.leads())).toEqual([false, false, true]);
    c.closing.abort();
    await settle();
    expect(locks.held()).toEqual([]);
  });

  test('Q6: each person has a lock of their own', async () => {
    const [a, b] = [openTab(), openTab()];
    a.stand('sara');
    b.stand('omar');
    await settle();
    expect([a.leads(), b.leads()]).toEqual([true, true]);
    expect(locks.held()).toEqual(['app/sara', 'app/omar']);
  });

  test('a lock that somebody stole ends the term, and is asked for again', async () => {
    const [a, b] = [openTab(), openTab()];
    a.stand();
    b.stand();
    await settle();
    locks.steal('app/sara');
    await settle();
    expect([a.leads(), b.leads()]).toEqual([false, true]);
    b.closing.abort();
    await settle();
    expect([a.terms.length, a.leads()]).toEqual([2, true]);
  });

  test('one that closed before it stood never leads', async () => {
    const a = openTab();
    a.closing.abort();
    a.stand();
    await settle();
    expect([a.terms, locks.held()]).toEqual([[], []]);
  });

  test('is settled by the lease where locks are missing', async () => {
    vi.stubGlobal('navigator', {});
    const lease = freeLease();
    const a = openTab({ lease: lease.store });
    a.stand();
    await settle();
    expect(a.leads()).toBe(true);
    a.closing.abort();
    await settle();
    expect([a.leads(), lease.holder(), a.clock.pending]).toEqual([false, null, 0]);
  });

  test('is settled by the lease where locks are refused', async () => {
    vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new DOMException('sandboxed', 'SecurityError')) } });
    const a = openTab();
    a.stand();
    await settle();
    expect(a.leads()).toBe(true);
  });
});

describe('a page that the browser stops', () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  beforeEach(() => {
    vi.stubGlobal('window', window);
    vi.stubGlobal('document', document);
  });

  for (const [stop, stopped, go, going] of [['freeze', document, 'resume', document], ['pagehide', window, 'pageshow', window]] as const) {
    test(`Q5: lets another drain at ${stop}, and stands again at ${go}`, async () => {
      const a = openTab();
      a.stand();
      vi.stubGlobal('window', undefined); // the other tab's page goes on
      const b = openTab();
      b.stand();
      await settle();
      stopped.dispatchEvent(new Event(stop));
      await settle();
      expect([a.leads(), b.leads()]).toEqual([false, true]);
      going.dispatchEvent(new Event(go));
      await settle();
      b.closing.abort();
      await settle();
      expect([a.leads(), a.terms.length]).toEqual([true, 2]);
      a.closing.abort();
      stopped.dispatchEvent(new Event(stop));
      going.dispatchEvent(new Event(go));
      await settle();
      expect([a.terms.length, locks.held()]).toEqual([2, []]);
    });
  }

  test('Q5: leaves its lease to lapse, for it can finish no transaction any more, and stands again when it runs', async () => {
    vi.stubGlobal('navigator', {});
    const lease = freeLease();
    const a = openTab({ lease: lease.store });
    a.stand();
    await settle();
    const holder = lease.holder();
    const swap = vi.spyOn(lease.store, 'swap');
    document.dispatchEvent(new Event('freeze'));
    await a.clock.advance(10_000);
    expect([a.leads(), swap.mock.calls, lease.holder()]).toEqual([false, [], holder]);
    document.dispatchEvent(new Event('resume'));
    await a.clock.advance(2_000);
    expect([a.leads(), a.terms.length, lease.holder() === holder]).toEqual([true, 2, false]);
    a.closing.abort();
    await settle();
    expect(lease.holder()).toBeNull();
  });

  test('hears nothing while it is stopped: a message would end its place in the back/forward cache', () => {
    const open = new Set<BroadcastChannel>();
    vi.stubGlobal('BroadcastChannel', class extends BroadcastChannel {
      constructor(name: string) {
        super(name);
        open.add(this);
      }
      override close(): void {
        open.delete(this);
        super.close();
      }
    });
    const { tabs } = openTab();
    const stop = tabs.listen('sara', () => undefined);
    expect(open.size).toBe(1);
    window.dispatchEvent(new Event('pagehide'));
    expect(open.size).toBe(0);
    tabs.post('sara', { type: 'added' });
    expect(open.size).toBe(0);
    window.dispatchEvent(new Event('pageshow'));
    expect(open.size).toBe(1);
    stop();
    window.dispatchEvent(new Event('pagehide'));
    window.dispatchEvent(new Event('pageshow'));
    expect(open.size).toBe(0);
  });

  test('reads everything again when it runs again', () => {
    const heard: TabMessage[] = [];
    const stop = openTab().tabs.listen('sara', (message) => heard.push(message));
    window.dispatchEvent(new Event('pageshow'));
    expect(heard).toEqual([]);
    window.dispatchEvent(new Event('pagehide'));
    window.dispatchEvent(new Event('pageshow'));
    expect(heard).toEqual([{ type: 'missed' }]);
    stop();
    window.dispatchEvent(new Event('pagehide'));
    window.dispatchEvent(new Event('pageshow'));
    expect(heard.length).toBe(1);
  });
});

describe('what tabs tell each other', () => {
  const settled = { type: 'settled', ids: ['a'], outcome: 'confirmed', output: { likes: 3 } } as const;
  const stops: (() => void)[] = [];
  afterEach(() => { for (const stop of stops.splice(0)) stop(); });

  function listen(tabs: Tabs, scope = 'sara') {
    const heard: TabMessage[] = [];
    const waiting: (() => void)[] = [];
    stops.push(tabs.listen(scope, (message) => {
      heard.push(message);
      for (const go of waiting.splice(0)) go();
    }));
    return { heard, next: () => new Promise<void>((resolve) => { waiting.push(resolve); }) };
  }

  test('reaches the others of that person, and not the one who says it', async () => {
    const [a, b] = [openTab().tabs, openTab().tabs];
    const own = listen(a);
    const [other, stranger] = [listen(b), listen(b, 'omar')];
    const reached = other.next();
    a.post('sara', { type: 'added' });
    await reached;
    const again = other.next();
    a.post('sara', settled);
    await again;
    expect([own.heard, other.heard, stranger.heard]).toEqual([[], [{ type: 'added' }, settled], []]);
  });

  test('is said also by a tab that does not listen', async () => {
    const other = listen(openTab().tabs);
    const reached = other.next();
    openTab().tabs.post('sara', { type: 'added' });
    await reached;
    expect(other.heard).toEqual([{ type: 'added' }]);
  });

  test('goes without its output when that cannot be cloned', async () => {
    const other = listen(openTab().tabs);
    const reached = other.next();
    openTab().tabs.post('sara', { ...settled, output: () => undefined });
    await reached;
    expect(other.heard).toEqual([{ ...settled, output: undefined }]);
  });

  test('is everything read again when another version of the app says it', async () => {
    const other = listen(openTab().tabs);
    const reached = other.next();
    const channel = new BroadcastChannel('app/sara');
    channel.postMessage({ type: 'compacted' });
    await reached;
    channel.close();
    expect(other.heard).toEqual([{ type: 'missed' }]);
  });

  function refuse(): never {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  }

  test.each([
    { where: 'there is no BroadcastChannel', channel: undefined },
    { where: 'it may not be used', channel: refuse },
  ])('is looked for every second where $where', async ({ channel }) => {
    vi.stubGlobal('BroadcastChannel', channel);
    const { tabs, clock } = openTab();
    const { heard } = listen(tabs);
    tabs.post('sara', { type: 'added' });
    await clock.advance(2_000);
    expect(heard).toEqual([{ type: 'missed' }, { type: 'missed' }]);
    stops.splice(0).forEach((stop) => stop());
    expect(clock.pending).toBe(0);
  });
});
