import { describeLiveRows } from '../src/describeLiveRows.ts';
import { deepRuns } from '../src/deep.ts';

describeLiveRows('the store', () => import('../src/drivers/store.ts'), deepRuns({ usual: 100, deep: 1_700 }));
