import type { ClusterSummary } from './supervisor/messages.ts';

/** Writes of `headway up` to the terminal. Plain lines when the output is no terminal, so that logs stay readable. */
export interface Terminal {
  line(text: string): void;
  /** Replaces the line that is shown last; without a terminal, prints it when it changed. */
  live(text: string): void;
}

export function createTerminal(output: NodeJS.WriteStream): Terminal {
  let shown = '';
  const clear = (): void => {
    if (output.isTTY && shown !== '') output.write('\r\u001b[K');
  };
  return {
    line(text) {
      clear();
      output.write(`${text}\n`);
      if (output.isTTY && shown !== '') output.write(shown);
    },
    live(text) {
      if (text === shown) return;
      clear();
      shown = text;
      output.write(output.isTTY ? text.slice(0, Math.max(20, output.columns - 1)) : `${text}\n`);
    },
  };
}

/** Columns as wide as their widest cell, two spaces apart. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

export function statusLine(summary: ClusterSummary): string {
  const parts = [`nodes ${summary.nodes.ready}/${summary.nodes.total}`, `pods ${summary.pods.ready}/${summary.pods.total} ready`];
  for (const app of summary.applications) {
    const revision = app.syncedRevision.slice(0, 7) || 'nothing';
    if (app.problem !== '') parts.push(`${app.name} keeps ${revision}: ${app.problem}`);
    else parts.push(`${app.name} ${app.isSynced ? 'synced' : 'syncing'} ${revision}${app.isHealthy ? ', healthy' : ''}`);
  }
  return parts.join(' · ');
}

export function workloadTable(summary: ClusterSummary): string {
  return formatTable(['KIND', 'NAMESPACE', 'NAME', 'STATE'], summary.workloads.map((w) => [w.kind, w.namespace, w.name, w.state]));
}
