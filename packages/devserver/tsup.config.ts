import { defineConfig } from 'tsup';
import { preset } from '../../tooling/tsup/preset.ts';

export default defineConfig(preset({ index: 'src/index.ts', cli: 'src/cli.ts' }, { platform: 'node', target: 'node20' }));
