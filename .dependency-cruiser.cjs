// The floors of ARCHITECTURE.md: an import points to the same floor or down, never up, never sideways between packages.
const CORE = 'packages/core/src/';
/** Floors of the core from the ground up; folders on one floor do not know each other. */
const FLOORS = [
  ['store/', 'lib/', 'errors.ts'],
  ['wire/', 'pipeline/', 'telemetry/'],
  ['connection/'],
  ['channel/'],
  ['live/', 'presence/'],
  ['outbox/'],
  ['document/'],
  ['realtimeClient.ts'],
  ['ruwad/'],
];

const pattern = (rooms) => `^${CORE}(${rooms.map((room) => room.replace('.', '\\.')).join('|')})`;

const upward = FLOORS.slice(0, -1).map((rooms, floor) => ({
  name: `core-floor-${floor + 1}-points-down`,
  severity: 'error',
  from: { path: pattern(rooms), pathNot: '\\.test(-d)?\\.tsx?$' },
  to: { path: pattern(FLOORS.slice(floor + 1).flat()) },
}));

// The ground floor is one floor in name only: errors and lib lie under the store.
const sideways = FLOORS.slice(1).flatMap((rooms, floor) =>
  rooms.length < 2
    ? []
    : rooms.map((room) => ({
        name: `core-floor-${floor + 2}-${room.replace('/', '')}-knows-no-neighbour`,
        severity: 'error',
        from: { path: pattern([room]), pathNot: '\\.test(-d)?\\.tsx?$' },
        to: { path: pattern(rooms.filter((other) => other !== room)) },
      })),
);

const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test(-d)?\\.tsx?$' },
  to: { path: '^(packages|apps|tooling)/', pathNot: [from, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    ...sideways,
    only('core-knows-nobody', '^packages/core/src/', []),
    only('devserver-knows-nobody', '^packages/devserver/src/', []),
    only('react-knows-core', '^packages/react/src/', ['^packages/core/src/']),
    only('vue-knows-core', '^packages/vue/src/', ['^packages/core/src/']),
    only('demo-knows-sdk', '^apps/demo/src/', ['^packages/(core|react|vue)/src/']),
    {
      name: 'wire-alone-touches-supabase-realtime',
      severity: 'error',
      from: { path: CORE, pathNot: [`${CORE}wire/`, '\\.test(-d)?\\.tsx?$'] },
      to: { path: 'node_modules/.*@supabase/', dependencyTypesNot: ['type-only'] },
    },
    // Circles of types alone are erased: a part of a thing may name the whole.
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-missing-modules', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'sources-use-declared-dependencies',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '\\.test(-d)?\\.tsx?$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['/dist/', '/\\.turbo/', '/\\.data/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ruwad/source', 'import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.vue', '.json'],
    },
  },
};
