import { pathText } from './ownership.ts';
import type { FieldOrigin } from './blame.ts';
import type { BlamedLine } from './blame-lines.ts';

export interface BlameTable {
  /** One for each line of the object. */
  readonly lines: readonly string[];
  /** Why some lines could not be traced; each once. */
  readonly notes: readonly string[];
}

const SHORT_COMMIT = 8;
const NO_COMMIT = '-'.repeat(SHORT_COMMIT);

/** Commit, author, date and place before each line; `isWide` writes ids, addresses and times in full, with what lies in between. */
export function blameTable(lines: readonly BlamedLine[], isWide: boolean): BlameTable {
  const cells = lines.map(({ field }) => (isWide ? wideCells(field.origin) : cellsOf(field.origin)));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const notes = lines.flatMap(({ field: { origin, path } }) => (origin.type === 'files' && typeof path.at(-1) === 'string' ? [{ why: origin.why, field: pathText(path) }] : []));
  const fieldsOf = (why: string): string => notes.filter((note) => note.why === why).map(({ field }) => field).join(', ');
  return {
    lines: lines.map(({ text }, i) => `${(cells[i] ?? []).map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')} | ${text}`),
    notes: [...new Set(notes.map(({ why }) => why))].map((why) => `${why}: ${fieldsOf(why)}`),
  };
}

/** Commit, who, date, where. */
function cellsOf(origin: FieldOrigin): readonly string[] {
  switch (origin.type) {
    case 'git': return [origin.commit?.commit.slice(0, SHORT_COMMIT) ?? NO_COMMIT, nameOf(origin.commit?.author ?? ''), origin.commit?.date.slice(0, 10) ?? '', `${origin.place.path}:${origin.place.line}`];
    case 'files': return [origin.commit.slice(0, SHORT_COMMIT) || NO_COMMIT, '', '', `${shortened(origin.files)} ?`];
    case 'application': return [NO_COMMIT, `Application ${origin.application}`, '', origin.field];
    case 'manager': return [NO_COMMIT, whoOf(origin), origin.manager.time?.slice(0, 10) ?? '', operationOf(origin)];
    case 'server': return [NO_COMMIT, 'API server', '', ''];
    case 'default': return [NO_COMMIT, 'API server', '', 'default'];
  }
}

function wideCells(origin: FieldOrigin): readonly string[] {
  const [, who = '', , where = ''] = cellsOf(origin);
  if (origin.type === 'git') return [origin.commit?.commit ?? '', origin.commit?.author ?? '', origin.commit?.date ?? '', `${where}${origin.note === undefined ? '' : ` (${origin.note})`}`, origin.commit?.subject ?? ''];
  if (origin.type === 'files') return [origin.commit, '', '', origin.files.join(', '), origin.why];
  return ['', who, origin.type === 'manager' ? origin.manager.time ?? '' : '', where, ''];
}

const MAX_FILES = 2;
const shortened = (files: readonly string[]): string => (files.length > MAX_FILES ? `${files.slice(0, MAX_FILES).join(', ')}, and ${files.length - MAX_FILES} more` : files.join(', '));
const nameOf = (author: string): string => author.replace(/ <[^>]*>$/, '');
const whoOf = ({ manager, user }: Extract<FieldOrigin, { type: 'manager' }>): string => (user === undefined ? manager.name : `${manager.name} (${user})`);
const operationOf = ({ manager: { operation, subresource } }: Extract<FieldOrigin, { type: 'manager' }>): string => (subresource === undefined ? operation : `${operation} of ${subresource}`);
