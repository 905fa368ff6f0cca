import { describeLiveRows } from '../src/describeLiveRows.ts';
import { deepRuns } from '../src/deep.ts';

describeLiveRows('Vue', () => import('../src/drivers/vue.ts'), deepRuns({ usual: 100, deep: 1_700 }));
