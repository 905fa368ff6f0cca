#!/usr/bin/env node
// docs/guarantees.md names, under every promise, the test files that prove it. A test proves a promise by beginning its
// name with the promise's id: `it('R2: …')`. With --write the lists are brought up to date.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);
const DOC = 'docs/guarantees.md';
const PLANNED = '## Planned';
/** A section up to its list of tests. */
const LISTED = /^(### ([A-Z]\d+) (?:(?!^###)[^])*?)^Tests:.*$/gm;
const NAMED = /\b(?:it|test|describe)(?:\.\w+)*(?:\([^'"`]*\))?\(\s*['"`]((?:[A-Z]\d+(?:, )?)+):/g;

const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

/** Id → test files with a test of that name. */
const proofs = new Map();
for (const path of files) {
  for (const [, ids] of read(path).matchAll(NAMED)) {
    for (const id of ids.split(', ')) proofs.set(id, (proofs.get(id) ?? new Set()).add(path));
  }
}

const doc = read(DOC);
const [promised = '', planned = ''] = doc.split(PLANNED);
const idsIn = (text) => [...text.matchAll(/^### ([A-Z]\d+) /gm)].map(([, id]) => id);
const listedIds = [...promised.matchAll(LISTED)].map(([, , id]) => id);
const plannedIds = [...planned.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, id]) => id);
const listOf = (id) => `Tests: ${[...(proofs.get(id) ?? [])].sort().map((path) => `[${path.split('/').at(-1)}](../${path})`).join(', ')}`;
const updated = promised.replaceAll(LISTED, (_, before, id) => before + listOf(id)) + (planned === '' ? '' : PLANNED + planned);

const known = [...idsIn(promised), ...plannedIds];
const problems = [
  ...known.filter((id, at) => known.indexOf(id) !== at).map((id) => `${DOC} has ${id} twice`),
  ...idsIn(promised).filter((id) => !proofs.has(id)).map((id) => `${id} is promised in ${DOC}, and no test is named "${id}: …"`),
  ...idsIn(promised).filter((id) => !listedIds.includes(id)).map((id) => `${id} has no line "Tests:" in ${DOC}`),
  ...plannedIds.filter((id) => proofs.has(id)).map((id) => `${id} is only planned in ${DOC}, but ${[...proofs.get(id)][0]} has a test of it`),
  ...[...proofs].filter(([id]) => !known.includes(id)).map(([id, [path]]) => `${path} names ${id}, which ${DOC} does not know`),
  ...(idsIn(promised).length === 0 ? [`${DOC} promises nothing`] : []),
];
if (process.argv.includes('--write')) writeFileSync(new URL(DOC, ROOT), updated);
else if (updated !== doc) problems.push(`the lists of tests in ${DOC} are out of date; run: node tooling/checkGuarantees.mjs --write`);

for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${DOC}: ${idsIn(promised).length} promises have tests, ${plannedIds.length} are planned`);
process.exitCode = problems.length === 0 ? 0 : 1;
