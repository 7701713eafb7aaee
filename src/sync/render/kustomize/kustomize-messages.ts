import { posix } from 'node:path';
import type { SyncError } from '#api/headway/v1/types.ts';
import { splitDocuments } from '../documents.ts';
import { findFieldLine } from '../field-lines.ts';
import { KUSTOMIZATION_NAMES } from './kustomization.ts';

export interface MessageContext {
  /** The unit's folder. */
  readonly path: string;
  /** Where the tool saw the repository's root. */
  readonly treeDirectory: string;
  readonly inputs: ReadonlyMap<string, unknown>;
  readonly textOf: (path: string) => Promise<string | undefined>;
}

/** Kustomize's words as an error of a file of the repository. Its messages nest outer in inner; the last place is the one at fault. */
export async function kustomizeError(words: string, context: MessageContext): Promise<SyncError> {
  // Where it went on to try a file as a folder, what it says of the folder hides the reason.
  const text = words.replace(/^error: /i, '').replaceAll(`${context.treeDirectory}/`, '').replaceAll(context.treeDirectory, '.').replace(/': must build at directory: [^]*$/, '');
  const places = [...text.matchAll(/(?:recursed accumulation of path|couldn't make target for path) '([^']*)'/g)];
  const last = places.at(-1);
  const folder = normalized(last?.[1] ?? context.path);
  const inner = last ? text.slice(last.index + last[0].length).replace(/^: /, '') : text;
  const message = inner.replace(/^(?:accumulating resources: )?(?:accumulation err=')?(?:accumulating resources: )*(?:accumulating (?:resources|components) from|merging resources from) '[^']*': /, '').trim();
  const kustomization = KUSTOMIZATION_NAMES.map((name) => posix.join(folder, name)).find((file) => context.inputs.has(file)) ?? folder;
  const duplicate = /merging resources from '([^']+)': may not add resource with an already registered id: (\S+?)\.?'?$/.exec(inner);
  if (duplicate) return duplicateError({ file: posix.join(folder, duplicate[1] ?? ''), id: duplicate[2] ?? '' }, context);
  const file = /in File: (\S+?)['"]?$/.exec(inner)?.[1] ?? /accumulating resources from '([^']+)'/.exec(inner)?.[1] ?? /(?:unable to parse|loading|reading) (?:.* )?(?:file )?['"]([^'"]+)['"]/.exec(inner)?.[1];
  const named = file === undefined ? undefined : [posix.join(folder, file), file].find((candidate) => context.inputs.has(candidate));
  const path = named ?? kustomization;
  const line = await lineIn(path, message, context);
  return { path, ...(line === undefined ? {} : { line }), reason: /yaml: /i.test(message) ? 'InvalidYAML' : 'KustomizeFailed', message };
}

async function lineIn(path: string, message: string, { textOf }: MessageContext): Promise<number | undefined> {
  const told = /yaml: (?:unmarshal errors:\s+)?line (\d+)/.exec(message)?.[1];
  if (told !== undefined) return Number(told);
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const field = /unknown field "([^"]+)"/.exec(message)?.[1];
  if (field !== undefined) return findFieldLine(text, [field]);
  // A patch that meets nothing is told by the name that it looks for.
  const target = /patch "?[\w.~-]+\/([\w.-]+?)\.\[/.exec(message)?.[1];
  return target === undefined ? undefined : findFieldLine(text, ['patches']);
}

/** `Deployment.v1.apps/web.[noNs]`: kustomize names only the second of two equal objects. */
async function duplicateError({ file, id }: { readonly file: string; readonly id: string }, { inputs, textOf }: MessageContext): Promise<SyncError> {
  const [, kind = '', name = ''] = /^([^.]+)[^/]*\/([^[]*?)\.?(?:\[|$)/.exec(id) ?? [];
  const places: { readonly path: string; readonly line: number }[] = [];
  for (const path of inputs.keys()) {
    if (!/\.(ya?ml|json)$/i.test(path)) continue;
    for (const document of splitDocuments((await textOf(path)) ?? '')) {
      if (new RegExp(`^kind:\\s*["']?${kind}["']?\\s*$`, 'm').test(document.text) && new RegExp(`name:\\s*["']?${name}["']?\\s*[,}]?`, 'm').test(document.text)) places.push({ path, line: document.line });
    }
  }
  const own = places.find(({ path }) => path === normalized(file));
  const other = places.find((place) => place !== own);
  return { path: normalized(file), ...(own ? { line: own.line } : {}), object: `${kind} ${name}`, reason: 'DuplicateObject', message: `the object is declared ${other ? `at ${other.path}:${other.line}` : 'in another file'} too` };
}

const normalized = (path: string): string => (posix.normalize(path) === '.' ? '' : posix.normalize(path).replace(/\/$/, ''));
