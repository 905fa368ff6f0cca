import { fileURLToPath } from 'node:url';
import type { UserWorkspaceConfig } from 'vitest/config';

/**
 * The vitest project every package shares: sources instead of builds, and a run that fails on `console.error`.
 */
export function project(name: string, overrides: UserWorkspaceConfig['test'] = {}, rest: Omit<UserWorkspaceConfig, 'test'> = {}): UserWorkspaceConfig {
  const conditions = ['@ruwad/source', 'module', 'node', 'development|production'];
  return {
    ...rest,
    resolve: { conditions, ...rest.resolve },
    ssr: { resolve: { conditions, externalConditions: ['@ruwad/source', 'node'] } },
    test: {
      name,
      environment: 'node',
      include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
      setupFiles: [fileURLToPath(new URL('./failOnConsoleError.ts', import.meta.url))],
      // Generous, because tests share two cores with PGlite; no test sleeps.
      testTimeout: 30_000,
      hookTimeout: 60_000,
      ...overrides,
    },
  };
}
