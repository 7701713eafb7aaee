import { readFieldTree, type FieldNode } from '#api/field-tree.ts';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { OwnedField, Step } from '../ownership.ts';
import { follow, mayBecome, readManifests, says, type Followed, type Manifest } from './manifest.ts';
import { ACTION, definition, includes, valueReferences, withoutActions } from './template-text.ts';
import { ABSENT, placeAt, type Place, type Trace, type Tracer } from './tracer.ts';

export interface ValuesFile {
  readonly path: string;
  /** Below which of its keys the template's chart finds its values: the name of a subchart, in the values of its parent. */
  readonly prefix?: string;
}

export interface HelmSource {
  /** The template that declares the object. */
  readonly template: string;
  /** By path: template, helpers, values. */
  readonly texts: ReadonlyMap<string, string>;
  /** The one that wins first. */
  readonly values: readonly ValuesFile[];
  /** Of the Application; they win over all files. */
  readonly inline?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Traces to the line of a template, or, where that line takes its value from `.Values`, to the values file that gives it. Nothing is rendered: what
 * a template computes is traced to the files only.
 */
export function helmTracer(source: HelmSource, live: KubeObject): Tracer {
  const text = source.texts.get(source.template) ?? '';
  const lines = text.split('\n');
  const masked = withoutActions(text);
  const manifest = manifestOf(readManifests(source.template, masked), live);
  const rawOf = rawLines(lines, masked.split('\n'));
  const values = new Values(source);
  const untraced = (why: string): Trace => ({ kind: 'files', files: [source.template, ...source.values.map(({ path }) => path)], why });
  return {
    trace(field): Trace {
      if (!manifest) return untraced('the template cannot be read without being run');
      const found = follow(manifest.root, field.path);
      const raw = rawOf(found.nearest);
      if (found.node && !String(found.node.scalar ?? '').includes(ACTION)) {
        if (says(found.node, field.value)) return { kind: 'place', place: placeAt(source.template, found.node) };
      }
      const place = { path: source.template, line: found.nearest.first, last: found.nearest.first };
      const traced = values.trace(raw, found, field, place) ?? helperTrace(source, raw, found, field);
      if (traced) return traced;
      if (found.node) return { kind: 'place', place: placeAt(source.template, found.node), note: 'computed by the template' };
      if (typeof field.value === 'object' && field.value !== null) return ABSENT;
      return untraced(`the template computes it${found.rest.length < field.path.length ? `, at or below line ${found.nearest.first}` : ''}`);
    },
  };
}

/** A field's lines as they are, with the lines of actions below that may write more of it. */
const rawLines = (lines: readonly string[], masked: readonly string[]) => ({ first, last }: FieldNode): string => {
  let end = last;
  while (end < lines.length && masked[end] === '') end += 1;
  return lines.slice(first - 1, end).join('\n');
};

function manifestOf(manifests: readonly Manifest[], live: KubeObject): Manifest | undefined {
  const ofKind = manifests.filter(({ kind }) => kind === live.kind);
  if (ofKind.length === 1) return ofKind[0];
  const named = ofKind.filter((manifest) => mayBecome({ ...manifest, name: manifest.name.replaceAll(ACTION, '').replaceAll(/^-+|-+$/g, '') }, live));
  return named.length === 1 ? named[0] : undefined;
}

/** What the templates see as `.Values`. */
class Values {
  readonly #source: HelmSource;
  readonly #trees = new Map<string, FieldNode | undefined>();

  constructor(source: HelmSource) {
    this.#source = source;
  }

  /** A reference on the field's own lines whose value, with what is left of the path, is the field's. */
  trace(raw: string, { rest }: Followed, { value }: OwnedField, template: Place): Trace | undefined {
    for (const reference of valueReferences(raw)) {
      const path: readonly Step[] = [...reference.split('.'), ...rest];
      if (isGiven(this.#source.inline, path)) return { kind: 'application', field: `spec.render.helm.values.${reference}` };
      const place = this.#place(path, value);
      if (place) return { kind: 'place', place, note: `through ${template.path}:${template.line}` };
    }
    return undefined;
  }

  #place(path: readonly Step[], value: unknown): Place | undefined {
    for (const { path: file, prefix } of this.#source.values) {
      const node = this.#find(file, prefix === undefined || path[0] === 'global' ? path : [prefix, ...path]);
      // The file that wins decides: what it does not give as it stands was computed from it.
      if (node) return isPartOf(node, value) ? placeAt(file, node) : undefined;
    }
    return undefined;
  }

  #find(file: string, path: readonly Step[]): FieldNode | undefined {
    if (!this.#trees.has(file)) this.#trees.set(file, readFieldTree(this.#source.texts.get(file) ?? ''));
    const root = this.#trees.get(file);
    return root && follow(root, path).node;
  }
}

/** A template often puts a value into a longer text: `{{ .Values.image }}:{{ .Values.tag }}`. */
const isPartOf = (node: FieldNode, value: unknown): boolean =>
  says(node, value) || (typeof value === 'string' && node.scalar !== undefined && node.scalar !== null && String(node.scalar) !== '' && value.includes(String(node.scalar)));

function isGiven(values: unknown, [step, ...rest]: readonly Step[]): boolean {
  if (step === undefined) return true;
  if (typeof step === 'string') return isJsonObject(values) && Object.hasOwn(values, step) && isGiven(values[step], rest);
  return Array.isArray(values) && step.index < values.length && isGiven(values[step.index], rest);
}

/** A field that an included helper writes: the line of its body with the field's name. */
function helperTrace({ texts, template }: HelmSource, raw: string, { nearest, rest }: Followed, { path, value }: OwnedField): Trace | undefined {
  const key = path.at(-1);
  if (typeof key !== 'string' || rest.length > 1) return undefined;
  for (const name of includes(raw)) {
    for (const [file, text] of texts) {
      const body = definition(text, name);
      if (!body) continue;
      const at = text.split('\n').slice(body.first - 1, body.last).findIndex((line) => new RegExp(`^\\s*["']?${key.replaceAll(/[^\w]/g, String.raw`\$&`)}["']?:`).test(line));
      // A map that the helper does not name may be there for what others put into it.
      if (at < 0 && isJsonObject(value)) continue;
      const line = body.first + Math.max(0, at);
      return { kind: 'place', place: { path: file, line, last: at < 0 ? body.last : line }, note: `through ${template}:${nearest.first}` };
    }
  }
  return undefined;
}
