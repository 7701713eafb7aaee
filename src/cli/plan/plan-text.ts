import type { ApplicationChange, ChangePlan, ObjectAction, ObjectChange } from '#sync/offline/change-plan.ts';
import { isDenial, refusesAll, summaryLine } from './plan-summary.ts';
import { hookText, objectName, placeOf, policyText, restartText, revisionText, staleText } from './words.ts';

export interface TextOptions {
  /** Longer lines are cut, or wrapped where they are sentences. */
  readonly columns: number;
  readonly isColored: boolean;
}

const SIGNS: Readonly<Record<ObjectAction, string>> = { create: '+', update: '~', prune: '-', keep: '=', run: '>' };
const GREEN = 32;
const RED = 31;
const CYAN = 36;
const BOLD = 1;

/** For a terminal. */
export function planText(plan: ChangePlan, options: TextOptions): string {
  const paint = (code: number, text: string): string => (options.isColored && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text);
  const title = `${revisionText(plan.base)} → ${revisionText(plan.head)}${plan.against === 'live' ? ', against the cluster' : ''}`;
  const applications = plan.applications.flatMap((application) => ['', ...applicationLines(application, { ...options, paint })]);
  const notes = plan.notes.length === 0 ? [] : ['', ...plan.notes.flatMap((note) => wrap(`note: ${note}`, 0, options.columns))];
  return [paint(BOLD, title), ...applications, ...notes, '', ...wrap(summaryLine(plan), 0, options.columns)].join('\n');
}

interface Page extends TextOptions {
  readonly paint: (code: number, text: string) => string;
}

function applicationLines(application: ApplicationChange, page: Page): readonly string[] {
  const { name, change, objects, restarts, stale, policies, errors, held } = application;
  const say = (text: string, indent = 2): readonly string[] => wrap(text, indent, page.columns);
  const alarm = (text: string): readonly string[] => say(text).map((line) => page.paint(RED, line));
  return [
    page.paint(BOLD, `${name}${change === 'Changed' ? '' : ` (${change.toLowerCase()})`}`),
    ...objects.flatMap((object) => objectLines(object, page)),
    ...restarts.flatMap((restart) => [...say(`↻ ${restart.object}: ${restartText(restart)}`), ...restart.reasons.flatMap((reason) => say(reason, 6))]),
    ...stale.flatMap((reader) => say(`! ${staleText(reader)}`)),
    ...(held === undefined ? [] : alarm(`! its deletions wait for a confirmation: ${held}`)),
    ...policies.flatMap((failure) => (isDenial(failure) ? alarm : say)(`${isDenial(failure) ? '✘' : '!'} ${placeOf(failure)} ${failure.object}: policy ${policyText(failure)}`)),
    ...errors.flatMap((error) => alarm(`✘ ${placeOf(error)}${error.object ? ` ${error.object}` : ''}: ${error.message} (${error.reason})`)),
    ...(refusesAll(application) ? alarm('✘ nothing of the commit would be applied to this application') : []),
  ];
}

function objectLines(object: ObjectChange, page: Page): readonly string[] {
  const { action, diff, hasDrifted } = object;
  const color = action === 'create' ? GREEN : action === 'prune' ? RED : CYAN;
  const remark = action === 'keep' ? '  not in Git any more, and protected from pruning' : action === 'run' ? `  ${hookText(object)}` : hasDrifted ? '  changed by others since' : '';
  const head = page.paint(color, `  ${SIGNS[action]} ${objectName(object)}  ${placeOf(object)}${remark}`);
  // All of a new object would hide the rest; the other formats have it.
  return action === 'update' && diff !== '' ? [head, ...diff.split('\n').map((line) => diffLine(line, page))] : [head];
}

function diffLine(line: string, { columns, paint }: Page): string {
  const text = cut(`      ${line}`, columns);
  return line.startsWith('+') ? paint(GREEN, text) : line.startsWith('-') ? paint(RED, text) : line.startsWith('@@') ? paint(CYAN, text) : text;
}

const cut = (text: string, columns: number): string => (text.length <= columns ? text : `${text.slice(0, columns - 1)}…`);

/** At spaces; following lines are indented a little more. */
function wrap(text: string, indent: number, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  for (const word of text.split(/\s+/)) {
    if (line.trim() !== '' && line.length + word.length + 1 > columns) {
      lines.push(line);
      line = ' '.repeat(indent + 2);
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
