import { createRealtimeClient } from '@ruwad/realtime-core';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, it, vi } from 'vitest';
import type { ServerAdapter } from './adapter.ts';
import { challenges, opportunities, people } from './people.ts';
import { createRecording } from './recordingTransport.ts';

/** The tests every binding passes where there is no page: in a Node process without DOM globals. */
export function describeServerRendering({ name, renderToString }: ServerAdapter): void {
  describe(`${name} on a server`, () => {
    it('C10: rendering shows the initial state, opens no socket, starts no timer and asks the server nothing', async () => {
      vi.useFakeTimers();
      const recording = createRecording();
      const fetch = vi.fn(() => Promise.reject(new Error('A server render asks the server nothing')));
      const supabase = createClient('http://127.0.0.1:9', 'anon-key', {
        auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
        global: { fetch },
        realtime: { transport: recording.transport },
      });
      const realtime = createRealtimeClient({ supabase, user: people.sara });
      const timersBefore = vi.getTimerCount();

      const html = await Promise.all([
        renderToString(realtime, 'useRealTimeChallenges'),
        renderToString(realtime, 'useChallengeDiscussion', challenges.water),
        renderToString(realtime, 'useDashboardMetrics'),
        renderToString(realtime, 'useRealTimeEvents'),
        renderToString(realtime, 'useIdeaNotifications'),
        renderToString(realtime, 'useOpportunityPresence', opportunities.hackathon),
        renderToString(realtime, 'useStatistics'),
        renderToString(realtime, 'useGlobalPresence'),
      ]);

      expect(typeof window).toBe('undefined');
      expect(html).toEqual(html.map(() => '<p>idle</p>'));
      expect(realtime.connection.store.get().status).toBe('idle');
      expect([recording.sockets(), fetch.mock.calls.length, vi.getTimerCount() - timersBefore]).toEqual([0, 0, 0]);
      vi.useRealTimers();
      await realtime.dispose();
    });
  });
}
