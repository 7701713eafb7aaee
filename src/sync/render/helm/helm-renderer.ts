import { posix } from 'node:path';
import type { SyncError } from '#api/headway/v1/types.ts';
import { readOutput, textReader } from '../origin/rendered-output.ts';
import type { RenderResult, RenderUnit, UnitInputs, UnitRenderer } from '../renderer.ts';
import { MAX_FILE_BYTES } from '../text.ts';
import { toolMissing, withDirectory, type ToolContext } from '../tools/tool-context.ts';
import type { PrivateDirectory } from '../unit/private-directory.ts';
import { helmInputs, sourceOf } from './helm-inputs.ts';
import { readHelmMessage, valuesError } from './helm-messages.ts';
import { hooksOf } from './hooks.ts';

/** Charts, by `helm template`. */
export class HelmRenderer implements UnitRenderer {
  readonly type = 'Helm';
  readonly #context: ToolContext;

  constructor(context: ToolContext) {
    this.#context = context;
  }

  inputsOf(unit: RenderUnit): Promise<UnitInputs> {
    return helmInputs(unit);
  }

  async version(): Promise<string | undefined> {
    return (await this.#context.tools.find('helm'))?.version;
  }

  async render(unit: RenderUnit, inputs: UnitInputs, signal: AbortSignal): Promise<RenderResult> {
    const tool = await this.#context.tools.find('helm');
    if (!tool) return toolMissing(unit, 'helm', 'Helm');
    return withDirectory(this.#context, unit, inputs, async (directory) => {
      const values = valueFiles(unit, directory);
      const inline = unit.spec.helm?.values ? [await directory.write('values.json', stringify(unit.spec.helm.values))] : [];
      const args = argumentsOf(unit, { chart: posix.join(directory.tree, unit.path), values: [...values.keys(), ...inline] });
      const outcome = await this.#context.pool.run({ program: tool.program, args, home: directory.home }, signal);
      if (outcome.ok) return this.#read(unit, outcome.output);
      const error: SyncError = outcome.reason === 'RenderFailed' ? await errorOf(outcome.message.replaceAll(`${directory.tree}/`, ''), unit, new Map([...values].map(([file, path]) => [file.slice(directory.tree.length + 1), path]))) : { path: posix.join(unit.path, 'Chart.yaml'), reason: outcome.reason, message: outcome.message };
      return { objects: [], errors: [error] };
    });
  }

  async #read(unit: RenderUnit, output: Buffer): Promise<RenderResult> {
    const named = new Set([...output.toString('utf8').matchAll(/^# Source: (.*)$/gm)].map(([, name = '']) => name));
    const sources = new Map(await Promise.all([...named].map(async (name) => [name, await sourceOf(name, unit)] as const)));
    const pathOf = (document: string): string => sources.get(/^# Source: (.*)$/m.exec(document)?.[1] ?? '') ?? posix.join(unit.path, 'Chart.yaml');
    const textOf = textReader((path) => unit.tree.read(path, MAX_FILE_BYTES));
    const { objects, errors } = await readOutput(output, { pathOf, originOf: (object, path) => ({ object, path }), textOf });
    return {
      objects: objects.filter(({ object }) => hooksOf(object).length === 0), errors,
      hooks: objects.flatMap((rendered) => (hooksOf(rendered.object).length > 0 ? [{ ...rendered, hooks: hooksOf(rendered.object) }] : [])),
    };
  }
}

/** File that helm reads to path in the repository, in the order of the spec. */
function valueFiles({ path, spec }: RenderUnit, { tree }: PrivateDirectory): ReadonlyMap<string, string> {
  return new Map((spec.helm?.valueFiles ?? []).map((file) => {
    const inRepository = posix.join(path, file);
    return [posix.join(tree, inRepository), inRepository];
  }));
}

const argumentsOf = ({ release, cluster }: RenderUnit, { chart, values }: { readonly chart: string; readonly values: readonly string[] }): readonly string[] => [
  'template', release.name, chart, '--namespace', release.namespace, '--include-crds', '--kube-version', cluster.kubeVersion,
  ...cluster.apiVersions.flatMap((version) => ['--api-versions', version]), ...values.flatMap((file) => ['--values', file]),
];

async function errorOf(words: string, unit: RenderUnit, files: ReadonlyMap<string, string>): Promise<SyncError> {
  const inValues = valuesError(words, files);
  if (inValues) return inValues;
  const { file, line, reason, message } = readHelmMessage(words);
  const path = file === undefined ? posix.join(unit.path, 'Chart.yaml') : await sourceOf(file, unit);
  return { path, ...(line === undefined ? {} : { line }), reason, message };
}

/** Integers beyond 2^53 arrive as bigint, and are numbers in YAML, too. */
const stringify = (value: unknown): string => JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(item)) : item));
