import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { parseBody } from '#api/parse.ts';
import { hookOf } from '../hooks/hook.ts';
import { splitDocuments, type YamlDocument } from './documents.ts';
import { findFieldLine, parseFieldPath } from './field-lines.ts';
import type { FileRenderer, RenderedObject, RenderResult, SourceFile } from './renderer.ts';
import { decodeText } from './text.ts';
import { substituteVariables } from './variables.ts';

/** Folder of image declarations, which belong to the node agent, not to the API. */
const IMAGES_FOLDER = 'images/';

/** Plain manifests: YAML streams and JSON, `List` kinds opened. */
export const plainRenderer: FileRenderer = {
  accepts: (path) =>
    /\.(ya?ml|json)$/i.test(path) && !path.startsWith(IMAGES_FOLDER) && !path.split('/').some((name) => name.startsWith('.') || /^readme\b/i.test(name)),
  render: (file, variables) => {
    const decoded = decodeText(file.content);
    if (!('text' in decoded)) return { objects: [], errors: [{ path: file.path, ...decoded }] };
    const documents = /\.json$/i.test(file.path) ? [{ text: decoded.text, lineOffset: 0, line: 1 }] : splitDocuments(decoded.text);
    const results = documents.map((document) => (variables ? renderWith(variables, file, document) : renderDocument(file, document)));
    return { objects: results.flatMap((r) => r.objects), errors: results.flatMap((r) => r.errors) };
  },
};

function renderWith(variables: Readonly<Record<string, string>>, file: SourceFile, document: YamlDocument): RenderResult {
  const result = substituteVariables(document.text, variables);
  if ('text' in result) return renderDocument(file, { ...document, text: result.text });
  return { objects: [], errors: [{ path: file.path, ...result.error, line: document.lineOffset + (result.error.line ?? 1) }] };
}

function renderDocument(file: SourceFile, document: YamlDocument): RenderResult {
  const lineOf = (field: string): number => document.lineOffset + findFieldLine(document.text, parseFieldPath(field));
  const failed = (reason: string, message: string, line: number): RenderResult => ({ objects: [], errors: [{ path: file.path, line, reason, message }] });
  let parsed: ReturnType<typeof parseBody>;
  try {
    parsed = parseBody(Buffer.from(document.text), /\.json$/i.test(file.path) ? 'application/json' : 'application/yaml');
  } catch (error) {
    const { message } = error as Error;
    return failed(/\.json$/i.test(file.path) ? 'InvalidJSON' : 'InvalidYAML', firstLine(message), document.lineOffset + syntaxErrorLine(message, document.text, document.line - document.lineOffset));
  }
  const [duplicate] = parsed.duplicates;
  if (duplicate !== undefined) return failed('InvalidYAML', `field ${JSON.stringify(duplicate.path)} stands twice`, document.lineOffset + duplicate.line);
  if (parsed.value === null || parsed.value === undefined) return { objects: [], errors: [] };
  return flatten(parsed.value, '', { file, line: document.line, lineOf });
}

interface Place {
  readonly file: SourceFile;
  readonly line: number;
  readonly lineOf: (field: string) => number;
}

/** `prefix` is the field path of `value` in its document: empty, or `items[2]`. */
function flatten(value: unknown, prefix: string, place: Place): RenderResult {
  const problem = objectProblem(value);
  if (problem) {
    const error: SyncError = { path: place.file.path, line: prefix === '' && !problem.field ? place.line : place.lineOf(joinPath(prefix, problem.field)), reason: 'InvalidObject', message: problem.message };
    return { objects: [], errors: [error] };
  }
  const object = value as KubeObject & { readonly items?: readonly unknown[] };
  if (object.kind.endsWith('List') && Array.isArray(object.items)) {
    const items = object.items.map((item, i) => flatten(asItemOf(object, item), joinPath(prefix, `items[${i}]`), place));
    return { objects: items.flatMap((r) => r.objects), errors: items.flatMap((r) => r.errors) };
  }
  const named = nameProblem(object);
  if (named) return { objects: [], errors: [{ path: place.file.path, line: place.lineOf(joinPath(prefix, named.field)), object: object.kind, reason: 'InvalidObject', message: named.message }] };
  const rendered: RenderedObject = {
    object, path: place.file.path, line: prefix === '' ? place.line : place.lineOf(prefix),
    lineOf: (field) => place.lineOf(joinPath(prefix, field)),
  };
  return { objects: [rendered], errors: [] };
}

/** Items of a `ConfigMapList`, as the API gives it, need not say what they are. */
function asItemOf({ apiVersion, kind }: KubeObject, item: unknown): unknown {
  if (kind === 'List' || typeof item !== 'object' || item === null || Array.isArray(item) || 'kind' in item) return item;
  return { apiVersion, kind: kind.slice(0, -'List'.length), ...item };
}

interface Problem { readonly field: string; readonly message: string }

function objectProblem(value: unknown): Problem | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { field: '', message: 'the document is no object' };
  const { apiVersion, kind } = value as Record<string, unknown>;
  if (typeof kind !== 'string' || kind === '') return { field: 'kind', message: 'kind: Required value' };
  if (typeof apiVersion !== 'string' || apiVersion === '') return { field: 'apiVersion', message: 'apiVersion: Required value' };
  return undefined;
}

function nameProblem(object: KubeObject): Problem | undefined {
  const { metadata } = object;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return { field: 'metadata', message: 'metadata: Required value' };
  const { name, generateName, namespace } = metadata as { readonly name?: unknown; readonly generateName?: unknown; readonly namespace?: unknown };
  if (name === undefined && typeof generateName === 'string' && hookOf(object)) return undefined;
  if (typeof name !== 'string' || name === '') {
    return { field: 'metadata.name', message: `metadata.name: ${name === undefined ? 'Required value: an object that Git declares has a fixed name (generateName has none)' : notText(name)}` };
  }
  return namespace === undefined || namespace === null || typeof namespace === 'string' ? undefined : { field: 'metadata.namespace', message: `metadata.namespace: ${notText(namespace)}` };
}

/** Whoever calls something `y` or `1e3` does not know what YAML makes of it. */
const notText = (value: unknown): string =>
  `Invalid value: must be a string${typeof value === 'boolean' || typeof value === 'number' ? `; without quotes it is the ${typeof value} ${value}` : ''}`;

const joinPath = (prefix: string, field: string): string => (prefix === '' || field === '' ? prefix + field : `${prefix}.${field}`);
const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;

/** Where the parser stopped, or the last line if it missed something there: js-yaml says `(line:column)`, JSON.parse `position N`. */
function syntaxErrorLine(message: string, text: string, fallback: number): number {
  const line = /\((\d+):\d+\)/.exec(message)?.[1];
  if (line !== undefined) return Math.min(Number(line), text.trimEnd().split('\n').length);
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? fallback : text.slice(0, Number(position)).split('\n').length;
}
