import { project } from '../../tooling/vitest/project.ts';

export default project(
  'demo',
  { globalSetup: ['./test/support/globalSetup.ts'], testTimeout: 60_000 },
  // The global setup runs in vitest's own environment, which does not inherit the conditions of the tests'.
  { environments: { __vitest__: { resolve: { conditions: ['@ruwad/source', 'module', 'node'] } } } },
);
