import type { SyncError } from '#api/headway/v1/types.ts';

export interface HelmMessage {
  /** As helm names it: `chart/templates/x.yaml`; undefined when it names none. */
  readonly file?: string;
  readonly line?: number;
  readonly reason: string;
  readonly message: string;
}

/** Helm's words, with the file and the line that they name. Both of Helm 3 and of Helm 4. */
export function readHelmMessage(words: string): HelmMessage {
  const text = words.replaceAll(/\n+Use --debug flag[^\n]*/g, '').replaceAll(/^(?:level=\w+ .*|walk\.go:.*|WARNING: .*)\n/gm, '').replace(/^Error: (?:INSTALLATION FAILED: )?/m, '').trim();
  const yaml = /YAML parse error on (\S+?): (?:error converting YAML to JSON: )?(yaml: (?:line (\d+): )?[^]*)/.exec(text);
  // Of the rendered text, not of the template: they agree only where nothing above was rendered away.
  if (yaml) return { file: yaml[1] ?? '', reason: 'InvalidYAML', message: `the template's result is no YAML: ${yaml[2]}` };
  // The innermost place is the last that is named.
  const places = [...text.matchAll(/(?:\(|^|at |")([\w.-]+\/(?:[\w.-]+\/)*[\w.-]+?):(\d+)(?::(\d+))?\)?"?:?/gm)];
  const last = places.at(-1);
  const reason = /values don't meet the specifications/.test(text) ? 'InvalidValues' : /parse error at/.test(text) ? 'InvalidTemplate' : 'TemplateFailed';
  if (!last) return { reason: reason === 'InvalidValues' ? reason : 'HelmFailed', message: text };
  return { file: last[1] ?? '', line: Number(last[2]), reason, message: text.split('\n').map((line) => line.trim()).filter(Boolean).join(': ').replace(/::/g, ':') };
}

/** An error of a values file: `failed to parse <file>: ... line N: ...`. */
export function valuesError(words: string, files: ReadonlyMap<string, string>): SyncError | undefined {
  const [, file = '', message = ''] = /failed to parse (\S+?): ([^]*)/.exec(words) ?? [];
  const path = files.get(file);
  const line = /line (\d+):/.exec(message)?.[1];
  return path === undefined ? undefined : { path, ...(line === undefined ? {} : { line: Number(line) }), reason: 'InvalidYAML', message: message.trim() };
}
