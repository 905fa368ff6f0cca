import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const PAGE = new URL('docs/loss.md', root);
const README = new URL('README.md', root);
/** What lies between these in the README is the table. */
const BEGIN = '<!-- pnpm loss --markdown -->';
const END = '<!-- /pnpm loss -->';

/** Writes docs/loss.md, and the table of the README. */
export function writePages(report: string): void {
  writeFileSync(PAGE, `# Rows lost or wrong after faults\n\nWritten by \`pnpm loss --markdown\`; [how it measures](../tooling/loss/README.md).\n\n${report}\n`);
  const readme = readFileSync(README, 'utf8');
  writeFileSync(README, withBlock(readme, report));
}

/** The text with another report between its marks. Throws when it has none. */
export function withBlock(text: string, report: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the README has no ${BEGIN} … ${END}`);
  return `${text.slice(0, from)}${BEGIN}\n\n${report}\n\n${text.slice(to)}`;
}
