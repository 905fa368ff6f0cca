import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inbox, processMessages } from './examples/pipeline.ts';
import { settle } from './support/fakeClock.ts';
import { openMemorySocket } from './support/memorySocket.ts';
import { until } from './support/until.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('C8: in the README\'s pipeline, effects that throw or reject hold up and harm neither state nor each other', async () => {
  const { realtime, ...socket } = openMemorySocket();
  const channel = realtime.channel(inbox);
  const [shown, tracked, notified, failures, invalid]: string[][] = [[], [], [], [], []];
  channel.invalid$.subscribe(({ reason }) => invalid?.push(reason));
  const subscription = processMessages(channel, {
    show: ({ text }) => shown?.push(text),
    playSound: () => {
      throw new Error('no sound');
    },
    track: (_event, id) => (id === '2' ? Promise.reject(new Error('no analytics')) : Promise.resolve(void tracked?.push(id))),
    notify: (text) => new Promise(() => notified?.push(text)), // never done
    report: (error) => failures?.push(String(error)),
  });
  await until(channel.store, ({ status }) => status === 'live', 'live');
  const insert = (record: object): void => { socket.feed(JSON.stringify([null, null, 'realtime:inbox', 'postgres_changes', { ids: [1], data: { type: 'INSERT', schema: 'public', table: 'messages', columns: [], record, errors: null, commit_timestamp: null } }])); };
  insert({ id: '1', body: ' one' });
  insert({ id: '2', body: 'two ' });
  insert({ id: 'x', body: 3 });
  insert({ id: '3', body: 'three' });
  await settle();
  expect([shown, tracked, notified, invalid]).toEqual([['one', 'two', 'three'], ['1', '3'], ['one', 'two', 'three'], ['schema']]);
  expect(failures).toEqual(['Error: no sound', 'Error: no sound', 'Error: no sound', 'Error: no analytics']);
  subscription.unsubscribe();
  await realtime.dispose();
});

test('the pipeline in the README is the one that is tested', () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('./examples/pipeline.ts')}\`\`\``);
});
