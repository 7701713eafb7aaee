import type { KubeObject } from '#api/object.ts';
import { splitDocuments } from '../documents.ts';
import { findFieldLine, parseFieldPath } from '../field-lines.ts';

/** Where an object stands in the file that it comes from. */
export interface Origin {
  /** One-based; 1 when it cannot be told. */
  readonly line: number;
  readonly lineOf: (fieldPath: string) => number;
}

export const UNKNOWN_ORIGIN: Origin = { line: 1, lineOf: () => 1 };

/**
 * The document of a file that an object comes from: the one of its kind, or, of several, the one whose name it has or ends with (a
 * prefix may have been added). In templates only the document's line is known, as what stands below depends on values.
 */
export function findOrigin(text: string, { kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): Origin {
  const ofKind = splitDocuments(text).filter((document) => new RegExp(`^kind:\\s*["']?${escape(kind)}["']?\\s*(#.*)?$`, 'm').test(document.text) || document.text.includes(`"kind": "${kind}"`));
  const named = ofKind.length === 1 ? ofKind : ofKind.filter((document) => namesOf(document.text).some((name) => (metadata.name ?? '').includes(name)));
  const [document] = named;
  if (!document || named.length > 1) return UNKNOWN_ORIGIN;
  // Block scalars that hold `{{` for other programs only cost the field's line.
  const isTemplate = document.text.includes('{{');
  return { line: document.line, lineOf: (field) => (isTemplate ? document.line : document.lineOffset + findFieldLine(document.text, parseFieldPath(field))) };
}

/** The `name` below `metadata` of a document, as text. */
const namesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^metadata:(?:\s*\{[^}]*?\bname:\s*|[^]*?^\s+name:\s*)["']?([^\s"',}]+)/gm)].map(([, name = '']) => name).filter((name) => name !== '');

const escape = (text: string): string => text.replaceAll(/[^\w]/g, String.raw`\$&`);
