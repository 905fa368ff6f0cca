import { defineConfig } from 'tsup';
import { preset } from '../../tooling/tsup/preset.ts';

export default defineConfig(preset({ index: 'src/index.ts', cli: 'src/cli.ts', testing: 'src/testing/index.ts' }, { platform: 'node', target: 'node20' }));
