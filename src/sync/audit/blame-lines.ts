import { readFieldTree, type FieldNode } from '#api/field-tree.ts';
import type { KubeObject } from '#api/object.ts';
import { yamlOf } from '#api/yaml-text.ts';
import type { BlamedField } from './blame.ts';
import type { Step } from './ownership.ts';

export interface BlamedLine {
  readonly text: string;
  /** The innermost field that begins on the line, or goes on there. */
  readonly field: BlamedField;
}

/** An object as text, and where in it its fields stand. */
export interface ObjectText {
  readonly lines: readonly string[];
  readonly root: FieldNode | undefined;
}

/** The object as YAML, without managedFields and the values of Secrets. */
export function textOf(object: KubeObject): ObjectText {
  const { managedFields: _, ...metadata } = object.metadata;
  const text = yamlOf(object.kind === 'Secret' ? withoutValues({ ...object, metadata }) : { ...object, metadata });
  return { lines: text.replace(/\n$/, '').split('\n'), root: readFieldTree(text) };
}

/** Each line with the field that it shows. `fields` are all of the object, parents first. */
export function blamedLines({ lines, root }: ObjectText, fields: readonly BlamedField[]): readonly BlamedLine[] {
  const shown = new Map<number, BlamedField>();
  for (const field of fields) {
    const node = root && nodeAt(root, field.path);
    // What is below comes later and takes its own lines over; a text of several lines keeps them all.
    for (let line = node?.first ?? 0; node && line <= node.last; line++) shown.set(line, field);
  }
  return lines.flatMap((line, i) => {
    const field = shown.get(i + 1);
    return field ? [{ text: line, field }] : [];
  });
}

/** Holds the whole object once more. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const REDACTED = '<redacted>';

function withoutValues(secret: KubeObject & { readonly data?: Readonly<Record<string, string>> }): KubeObject {
  const { metadata, data } = secret;
  const annotations = metadata.annotations?.[LAST_APPLIED] === undefined ? metadata.annotations : { ...metadata.annotations, [LAST_APPLIED]: REDACTED };
  const hidden = data && Object.fromEntries(Object.keys(data).map((key) => [key, REDACTED]));
  return { ...secret, metadata: { ...metadata, ...(annotations ? { annotations } : {}) }, ...(hidden ? { data: hidden } : {}) } as KubeObject;
}

const nodeAt = (root: FieldNode, path: readonly Step[]): FieldNode | undefined =>
  path.reduce<FieldNode | undefined>((node, step) => (typeof step === 'string' ? node?.members.get(step) : node?.items[step.index]), root);
