import type { ApplicationChange, ChangePlan, ObjectAction, ObjectChange } from '#sync/offline/change-plan.ts';
import { isDenial, refusesAll, summaryLine } from './plan-summary.ts';
import { objectName, placeOf, policyText, restartText, revisionText, staleText, withoutSlashes } from './words.ts';

/** GitHub takes no longer comment; GitLab and Gitea take more. */
export const MAX_COMMENT_LENGTH = 65_536;
/** For the sentence that says what was left out. */
const ROOM_FOR_CUT = 400;
const WORDS: Readonly<Record<ObjectAction, string>> = { create: 'created', update: 'changed', prune: '**pruned**', keep: 'kept', run: 'runs' };

/** The first line of the comment: whoever posts it looks for the one that it posted before. */
export const markerOf = (path: string): string => `<!-- headway-plan: ${withoutSlashes(path).replaceAll(/[^\w./-]/g, '_') || '.'} -->`;

/** A comment: what is wrong and what restarts first, then the details, folded, as far as they fit. `path` is the root application's folder. */
export function planMarkdown(plan: ChangePlan, { path, limit = MAX_COMMENT_LENGTH }: { readonly path: string; readonly limit?: number }): string {
  const head = [
    markerOf(path), `### Headway plan${path === '' ? '' : ` of ${code(path)}`}`,
    `${revisionText(plan.base, code)} → ${revisionText(plan.head, code)}${plan.against === 'live' ? ', against the cluster' : ''}`,
    summaryLine(plan), ...alarms(plan), ...restarts(plan),
  ];
  const notes = plan.notes.length === 0 ? [] : [`<details><summary>Not planned or not checked</summary>\n\n${plan.notes.map((note) => `- ${code(note)}`).join('\n')}\n\n</details>`];
  return fit([...head, ...notes], plan.applications.map(applicationBlock), limit);
}

const alarms = ({ applications }: ChangePlan): readonly string[] => {
  const lines = applications.flatMap((application) => alarmsOf(application));
  return lines.length === 0 ? [] : [lines.join('\n')];
};

const alarmsOf = (application: ApplicationChange): readonly string[] => {
  const { name, policies, errors, held } = application;
  return [
    ...errors.map((error) => `- ❌ ${code(placeOf(error))} ${error.object ? `${code(error.object)} ` : ''}${code(error.message)}`),
    ...policies.map((failure) => `- ${isDenial(failure) ? '❌' : '⚠️'} ${code(placeOf(failure))} ${code(failure.object)} policy ${code(policyText(failure))}`),
    ...(refusesAll(application) ? [`- ❌ nothing of the commit would be applied to ${code(name)}`] : []),
    ...(held === undefined ? [] : [`- ⚠️ deletions of ${code(name)} wait for a confirmation: ${code(held)}`]),
  ];
};

const restarts = ({ applications }: ChangePlan): readonly string[] => {
  const lines = applications.flatMap((application) => [
    ...application.restarts.map((restart) => `- ↻ ${code(restart.object)} ${restartText(restart)}${restart.reasons.length > 0 ? `: ${restart.reasons.map(code).join(', ')}` : ''}`),
    ...application.stale.map((reader) => `- ⚠️ ${staleText(reader)}`),
  ]);
  return lines.length === 0 ? [] : [`**Pods**\n\n${lines.join('\n')}`];
};

function applicationBlock({ name, change, objects }: ApplicationChange): readonly string[] {
  return [`#### ${code(name)}${change === 'Changed' ? '' : ` (${change.toLowerCase()})`}`, ...objects.map(objectBlock)];
}

function objectBlock(object: ObjectChange): string {
  const title = `${WORDS[object.action].replaceAll('**', '')}: ${html(objectName(object))}, ${html(placeOf(object))}${object.hasDrifted ? ', changed by others since' : ''}`;
  return object.diff === '' ? `- ${WORDS[object.action]}: ${code(objectName(object))}, ${code(placeOf(object))}${object.action === 'run' ? ` (${(object.phases ?? []).join(', ')})` : ''}` : `<details><summary>${title}</summary>\n\n${fenced(object.diff)}\n\n</details>`;
}

/** Whole blocks only, so that no fold is left open. */
function fit(head: readonly string[], blocks: readonly (readonly string[])[], limit: number): string {
  const all = blocks.flat();
  const room = limit - ROOM_FOR_CUT;
  const kept: string[] = [];
  let length = 0;
  const takes = (block: string): boolean => {
    if (length + block.length + 2 > room) return false;
    kept.push(block);
    length += block.length + 2;
    return true;
  };
  const [first = '', ...rest] = head;
  takes(first);
  for (const block of rest) if (!takes(block)) takes(shortened(block, room - length));
  const end = all.findIndex((block) => !takes(block));
  const cut = end < 0 ? [] : [`**${all.length - end} more entries do not fit into a comment.** \`headway plan\` shows all of them.`];
  return [...kept, ...cut].join('\n\n');
}

/** A long list, up to the last line that fits. */
function shortened(block: string, room: number): string {
  const text = block.slice(0, Math.max(0, room - 100));
  return `${text.slice(0, Math.max(0, text.lastIndexOf('\n')))}\n- and more that does not fit${block.startsWith('<details>') ? '\n\n</details>' : ''}`;
}

/** A fence that nothing inside closes. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${text}\n${fence}`;
}

/** Text of manifests and messages, in which nothing is a mention, a link or markup. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`;
}

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('@', '&#64;');
