import type { LiveStatus } from '@ruwad/realtime-core';
import type { Shown } from '../driver.ts';

/** What stands in a list `<ol data-status><li>id: n</li>…</ol>`; nothing before the first render. */
export function readList(container: HTMLElement): Shown {
  const status = container.querySelector('ol')?.getAttribute('data-status') ?? 'idle';
  const rows = [...container.querySelectorAll('li')].map(({ textContent }) => {
    const [id = NaN, n = NaN] = textContent.split(': ').map(Number);
    return { id, n };
  });
  return { status: status as LiveStatus, rows }; // written by the component
}
