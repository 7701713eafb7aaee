import type { ApplicationSummary, ClusterSummary } from './supervisor/messages.ts';

/** Writes of `headway up` to the terminal. Plain lines when the output is no terminal, so that logs stay readable. */
export interface Terminal {
  line(text: string): void;
  /** Replaces the line that is shown last; without a terminal, prints it when it changed. */
  live(text: string): void;
  /** As {@link live}, for what only a person who watches needs: without a terminal it is not printed. */
  transient(text: string): void;
}

/** Narrower than this, a line that is cut says nothing. */
const MIN_COLUMNS = 20;

export function createTerminal(output: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>): Terminal {
  let shown = '';
  // One column short: a terminal wraps after the last one, and the next clearing would miss the first half.
  const draw = (): void => void (shown !== '' && output.write(truncate(shown, Math.max(MIN_COLUMNS, (output.columns ?? 80) - 1))));
  const clear = (): void => void (shown !== '' && output.write('\r\u001b[K'));
  const replace = (text: string): void => {
    clear();
    shown = text;
    draw();
  };
  if (!output.isTTY) {
    const print = (text: string): void => void output.write(`${text}\n`);
    return {
      line: print,
      live(text) {
        if (text !== shown && text !== '') print(text);
        shown = text;
      },
      transient: () => undefined,
    };
  }
  return {
    line(text) {
      clear();
      output.write(`${text}\n`);
      draw();
    },
    live: replace,
    transient: replace,
  };
}

const truncate = (text: string, columns: number): string => (text.length <= columns ? text : `${text.slice(0, columns - 1)}…`);

/** Columns as wide as their widest cell, two spaces apart. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

/** More applications than these are counted; those with a problem are named all the same. */
const MAX_NAMED = 5;

export function statusLine({ nodes, pods, applications: { total, synced, healthy, shown } }: ClusterSummary): string {
  const parts = [`nodes ${nodes.ready}/${nodes.total}`, `pods ${pods.ready}/${pods.total} ready`];
  if (total > MAX_NAMED) parts.push(`applications ${synced}/${total} synced, ${healthy} healthy`);
  const named = total > MAX_NAMED ? shown.filter((app) => app.problem !== '').slice(0, MAX_NAMED) : shown;
  return [...parts, ...named.map(applicationPart)].join(' · ');
}

function applicationPart({ name, syncedRevision, isSynced, isHealthy, problem }: ApplicationSummary): string {
  const revision = syncedRevision.slice(0, 7);
  if (problem !== '') return `${name} ${revision === '' ? 'is not applied' : `keeps ${revision}`}: ${problem}`;
  return `${name} ${isSynced ? `synced ${revision}` : 'syncing'}${isHealthy ? ', healthy' : isSynced ? ', not healthy yet' : ''}`;
}

export function workloadTable({ workloads: { total, shown } }: ClusterSummary): string {
  const table = formatTable(['KIND', 'NAMESPACE', 'NAME', 'STATE'], shown.map((w) => [w.kind, w.namespace, w.name, w.state]));
  return shown.length === total ? table : `${table}\n... and ${total - shown.length} more`;
}
