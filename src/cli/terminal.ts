import type { ClusterSummary } from './supervisor/messages.ts';

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

export function statusLine(summary: ClusterSummary): string {
  const parts = [`nodes ${summary.nodes.ready}/${summary.nodes.total}`, `pods ${summary.pods.ready}/${summary.pods.total} ready`];
  for (const app of summary.applications) {
    const revision = app.syncedRevision.slice(0, 7);
    if (app.problem !== '') parts.push(`${app.name} ${revision === '' ? 'is not applied' : `keeps ${revision}`}: ${app.problem}`);
    else parts.push(`${app.name} ${app.isSynced ? `synced ${revision}` : 'syncing'}${app.isHealthy ? ', healthy' : app.isSynced ? ', not healthy yet' : ''}`);
  }
  return parts.join(' · ');
}

export function workloadTable(summary: ClusterSummary): string {
  return formatTable(['KIND', 'NAMESPACE', 'NAME', 'STATE'], summary.workloads.map((w) => [w.kind, w.namespace, w.name, w.state]));
}
