import { describeLiveRows } from '../src/describeLiveRows.ts';
import { deepRuns } from '../src/deep.ts';

describeLiveRows('React', () => import('../src/drivers/react.tsx'), deepRuns({ usual: 100, deep: 1_700 }));
