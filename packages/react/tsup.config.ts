import { defineConfig } from 'tsup';
import { preset } from '../../tooling/tsup/preset.ts';

// A directive in the sources would be lost in bundling; the banner stays, and server components can import the hooks.
export default defineConfig(preset({ index: 'src/index.ts' }, { banner: { js: '"use client";' } }));
