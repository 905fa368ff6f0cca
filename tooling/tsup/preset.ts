import type { Options } from 'tsup';

/**
 * The build every package shares: ESM with source maps and type declarations, dependencies left outside.
 *
 * @param entry - entry files by output name, relative to the package.
 */
export function preset(entry: Record<string, string>, overrides: Options = {}): Options {
  return {
    entry,
    format: ['esm'],
    target: 'es2022',
    clean: true,
    sourcemap: true,
    splitting: true,
    // TypeScript 6 warns of an option tsup 8 still sets for declaration builds.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    ...overrides,
  };
}
