import { defineConfig } from 'tsup';
import { preset } from '../../tooling/tsup/preset.ts';

export default defineConfig(preset({ index: 'src/index.ts', indexeddb: 'src/outbox/indexedDbStorage.ts', ruwad: 'src/ruwad/index.ts' }));
