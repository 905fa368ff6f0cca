/** One statement of a SQL file. */
export interface SqlStatement {
  /** From its first token to before its semicolon; comments in front of it are left out. */
  text: string;
  /** Line of the first token, from 1. */
  line: number;
}

/** What the lexer must know apart to find the semicolons that end a statement. Order matters. */
const TOKEN = new RegExp(
  [
    /(?<space>\s+|--[^\n]*)/,
    /(?<blockComment>\/\*)/,
    /(?<quoted>[eE]'(?:[^'\\]|\\[^]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$))/,
    /(?<dollarQuote>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)/,
    /(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<other>[^])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'y',
);

/**
 * Splits SQL into statements the way psql does: semicolons inside strings, dollar quotes, comments, parentheses and
 * `begin atomic … end` bodies end nothing. Text that never closes its quote becomes one last statement, for Postgres
 * to refuse.
 */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start: number | null = null;
  let nesting = nothingOpen();
  const end = (offset: number): void => {
    if (start !== null) statements.push({ text: sql.slice(start, offset).trimEnd(), line: lineAt(sql, start) });
    start = null;
    nesting = nothingOpen();
  };

  let offset = 0;
  while (offset < sql.length) {
    TOKEN.lastIndex = offset;
    const groups = TOKEN.exec(sql)?.groups ?? {};
    const next = tokenEnd(sql, offset, groups, TOKEN.lastIndex);
    const isCode = groups.space === undefined && groups.blockComment === undefined;
    if (groups.other === ';' && nesting.parentheses === 0 && nesting.blocks === 0) end(offset);
    else if (isCode) {
      start ??= offset;
      if (groups.word !== undefined) enterWord(nesting, groups.word.toLowerCase());
      if (groups.other === '(') nesting.parentheses += 1;
      if (groups.other === ')') nesting.parentheses = Math.max(0, nesting.parentheses - 1);
    }
    offset = next;
  }
  end(sql.length);
  return statements;
}

/** Line, from 1, of an offset into a text. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function tokenEnd(sql: string, offset: number, groups: Record<string, string | undefined>, lexed: number): number {
  if (groups.blockComment !== undefined) return blockCommentEnd(sql, offset);
  if (groups.dollarQuote === undefined) return lexed;
  const close = sql.indexOf(groups.dollarQuote, lexed);
  return close === -1 ? sql.length : close + groups.dollarQuote.length;
}

/** Block comments nest in Postgres. */
function blockCommentEnd(sql: string, offset: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = offset;
  let depth = 0;
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

interface Nesting {
  parentheses: number;
  /** Open `begin atomic` and `case` blocks. */
  blocks: number;
  /** First words of the statement, as many as tell a function definition. */
  words: string[];
}

function nothingOpen(): Nesting {
  return { parentheses: 0, blocks: 0, words: [] };
}

/** Only the body of a function can hold statements; elsewhere `begin` and `end` are statements themselves. */
function enterWord(nesting: Nesting, word: string): void {
  if (nesting.words.length < 4) nesting.words.push(word);
  if (nesting.parentheses > 0 || !/^create (or replace )?(function|procedure)\b/.test(nesting.words.join(' '))) return;
  if (word === 'begin') nesting.blocks += 1;
  else if (word === 'case' && nesting.blocks > 0) nesting.blocks += 1;
  else if (word === 'end') nesting.blocks = Math.max(0, nesting.blocks - 1);
}
