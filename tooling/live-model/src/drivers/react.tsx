import { RealtimeProvider, useLiveQuery } from '@ruwad/realtime-react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Driver } from '../driver.ts';
import type { TaskList } from '../tasks.ts';
import { readList } from './readList.ts';

function List({ list: { channel, query } }: { list: TaskList }) {
  const { status, rows } = useLiveQuery(channel, undefined, query);
  return <ol data-status={status}>{rows.map(({ id, n }) => <li key={id}>{`${String(id)}: ${String(n)}`}</li>)}</ol>;
}

/** What a component shows that reads `useLiveQuery` of the React binding. */
export const driver: Driver = {
  show(realtime, list) {
    const container = document.createElement('div');
    const root = createRoot(container);
    root.render(
      <StrictMode>
        <RealtimeProvider client={realtime}>
          <List list={list} />
        </RealtimeProvider>
      </StrictMode>,
    );
    return { read: () => readList(container), close: () => root.unmount() };
  },
};
