import { defineChannel, sideEffect, type Channel } from '@ruwad/realtime-core';
import { filter, map, tap, type Subscription } from 'rxjs';
import * as z from 'zod/mini';

export const inbox = defineChannel({
  name: 'inbox',
  topic: 'inbox',
  tables: { messages: { row: z.object({ id: z.string(), body: z.string() }) } },
});

interface App {
  show: (message: { id: string; text: string }) => void;
  playSound: () => void;
  track: (event: string, id: string) => Promise<void>;
  notify: (text: string) => Promise<void>;
  report: (error: unknown) => void;
}

export function processMessages(channel: Channel<typeof inbox>, app: App): Subscription {
  return channel.changes$('messages').pipe( // validated: what fails its schema is on channel.invalid$
    filter((change) => change.type === 'INSERT'),
    map(({ row }) => ({ id: row.id, text: row.body.trim() })), // transformed
    tap((message) => app.show(message)), // state: in order, and nothing below is waited for
    sideEffect(() => app.playSound(), app.report),
    sideEffect(({ id }) => app.track('message', id), app.report), // analytics
    sideEffect(({ text }) => app.notify(text), app.report), // notification
  ).subscribe();
}
