import { posix } from 'node:path';
import { parse } from 'yaml';
import type { KubeObject } from '#api/object.ts';
import { readOutput, textReader, type ClaimedOrigin } from '../origin/rendered-output.ts';
import type { RenderResult, RenderUnit, UnitInputs, UnitRenderer } from '../renderer.ts';
import { MAX_FILE_BYTES } from '../text.ts';
import { toolMissing, withDirectory, type ToolContext } from '../tools/tool-context.ts';
import { KUSTOMIZATION_NAMES } from './kustomization.ts';
import { kustomizeInputs } from './kustomize-inputs.ts';
import { kustomizeError } from './kustomize-messages.ts';

const ORIGIN_ANNOTATION = 'config.kubernetes.io/origin';

/** Kustomize as kubectl has it built in. */
export class KustomizeRenderer implements UnitRenderer {
  readonly type = 'Kustomize';
  readonly #context: ToolContext;

  constructor(context: ToolContext) {
    this.#context = context;
  }

  inputsOf(unit: RenderUnit): Promise<UnitInputs> {
    return kustomizeInputs(unit);
  }

  async version(): Promise<string | undefined> {
    return (await this.#context.tools.find('kubectl'))?.version;
  }

  async render(unit: RenderUnit, inputs: UnitInputs, signal: AbortSignal): Promise<RenderResult> {
    const tool = await this.#context.tools.find('kubectl');
    if (!tool) return toolMissing(unit, 'kubectl', 'Kustomize');
    return withDirectory(this.#context, unit, inputs, async (directory) => {
      await directory.write('kustomization.yaml', wrapperOf(unit));
      const outcome = await this.#context.pool.run({ program: tool.program, args: ['kustomize', posix.join(directory.path, 'own')], home: directory.home }, signal);
      const textOf = textReader((path) => unit.tree.read(path, MAX_FILE_BYTES));
      const kustomization = KUSTOMIZATION_NAMES.map((name) => posix.join(unit.path, name)).find((path) => inputs.files.has(path)) ?? unit.path;
      if (outcome.ok) return readOutput(outcome.output, { pathOf: () => kustomization, originOf: (object) => originOf(object, kustomization), textOf });
      if (outcome.reason !== 'RenderFailed') return { objects: [], errors: [{ path: kustomization, reason: outcome.reason, message: outcome.message }] };
      return { objects: [], errors: [await kustomizeError(outcome.message, { path: unit.path, treeDirectory: directory.tree, inputs: inputs.files, textOf })] };
    });
  }
}

/** On top of the folder's own kustomization, so that nothing of the repository is edited. JSON is YAML. */
function wrapperOf({ path, spec: { kustomize = {} } }: RenderUnit): string {
  const { namePrefix, nameSuffix, images } = kustomize;
  return JSON.stringify({ resources: [posix.join('../tree', path)], buildMetadata: ['originAnnotations'], namePrefix, nameSuffix, images });
}

/** Takes the annotation off again. Of a generated object the kustomization counts that has the generator. */
function originOf(object: KubeObject, fallback: string): ClaimedOrigin {
  const { [ORIGIN_ANNOTATION]: text, ...others } = object.metadata.annotations ?? {};
  if (text === undefined) return { path: fallback, object };
  const { annotations: _, ...metadata } = object.metadata;
  const origin = parse(text) as { readonly path?: string; readonly configuredIn?: string } | null;
  const place = origin?.path ?? origin?.configuredIn;
  return {
    path: place === undefined ? fallback : posix.relative('tree', posix.join('own', place)),
    object: { ...object, metadata: Object.keys(others).length > 0 ? { ...metadata, annotations: others } : metadata },
  };
}
