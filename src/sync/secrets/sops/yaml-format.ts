import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Pair, type Scalar as ScalarNode, type YAMLMap } from 'yaml';
import { DecryptionError } from '../decryption-error.ts';
import { macText, plainScalar, type Scalar } from './scalar.ts';
import type { Range, SopsDocument, SopsFormat, SopsLeaf } from './sops-document.ts';

/** What a YAML reader takes for a line break or refuses must be escaped. */
const UNSAFE = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

/** YAML and JSON, which is YAML, too. */
export const yamlFormat: SopsFormat = {
  read(text) {
    const lines = new LineCounter();
    const place: Place = { text, lineOf: (offset) => lines.linePos(offset).line || 1 };
    const documents = [...parseAllDocuments(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false, logLevel: 'silent' })];
    const encrypted = documents.flatMap((document) => {
      const pair = isMap(document.contents) ? metadataPair(document.contents) : undefined;
      return pair && !isLeftEncrypted(document) ? [{ document, pair }] : [];
    });
    for (const { document } of encrypted) refuseBroken(document, place);
    // SOPS gives all documents of a file the same block; others were encrypted apart and put together.
    return [...Map.groupBy(encrypted, ({ pair }) => String((pair.value as YAMLMap).get('mac'))).values()].map((group) => documentOf(group, place));
  },
  write(value) {
    return typeof value === 'string' ? JSON.stringify(value).replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`) : macText(value).toLowerCase();
  },
};

interface Place {
  readonly text: string;
  readonly lineOf: (offset: number) => number;
}

interface Encrypted {
  readonly document: Document.Parsed;
  readonly pair: Pair;
}

const startOf = ({ key }: Pair): number => (key as ScalarNode).range?.[0] ?? 0;

function metadataPair(map: YAMLMap): Pair | undefined {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === 'sops');
  return isMap(pair?.value) && pair.value.has('mac') ? pair : undefined;
}

/** For the operator whose objects are encrypted themselves, and where Flux's users say so. */
function isLeftEncrypted(document: Document.Parsed): boolean {
  return document.get('kind') === 'SopsSecret' || /^disabled$/i.test(String(document.getIn(['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/decrypt'])));
}

function refuseBroken({ errors: [error] }: Document.Parsed, { lineOf }: Place): void {
  if (error) throw new DecryptionError('InvalidEncryption', error.message, { line: lineOf(error.pos[0]) });
}

function documentOf(group: readonly Encrypted[], place: Place): SopsDocument {
  const [first] = group;
  if (!first) throw new Error('a group has a first document');
  const roots = group.map(({ document, pair }) => ({ root: document.contents as unknown as YAMLMap, pair }));
  return {
    metadata: (first.pair.value as YAMLMap).toJS(first.document), line: place.lineOf(startOf(first.pair)),
    leaves: roots.flatMap(({ root, pair }) => [...mapLeaves(root, [], place, pair)]),
    metadataRanges: roots.map(({ root, pair }) => metadataRange(root, pair, place)),
  };
}

function* mapLeaves(map: YAMLMap, path: readonly string[], place: Place, skipped?: Pair): Generator<SopsLeaf> {
  for (const pair of map.items) {
    if (pair === skipped) continue;
    if (!isScalar(pair.key)) throw new DecryptionError('InvalidEncryption', 'keys must be text', { line: place.lineOf(map.range?.[0] ?? 0) });
    yield* leavesOf(pair.value, [...path, String(pair.key.value)], place);
  }
}

function* leavesOf(node: unknown, path: readonly string[], place: Place): Generator<SopsLeaf> {
  if (isMap(node)) return yield* mapLeaves(node, path, place);
  if (isSeq(node)) {
    for (const item of node.items) yield* leavesOf(item, path, place);
    return;
  }
  if (isAlias(node)) throw new DecryptionError('InvalidEncryption', `${path.join('.')}: SOPS writes no aliases`, { line: place.lineOf(node.range?.[0] ?? 0) });
  if (!isScalar(node) || !node.range) return;
  const value = scalarOf(node);
  if (value !== undefined) yield { path, value, range: [node.range[0], node.range[1]], line: place.lineOf(node.range[0]) };
}

const scalarOf = (node: ScalarNode): Scalar | undefined => (node.type === 'PLAIN' && node.tag === undefined ? plainScalar(String(node.value ?? '')) : String(node.value ?? ''));

/** In a flow mapping, as of JSON, one of the commas around it goes, too. */
function metadataRange(root: YAMLMap, pair: Pair, { text }: Place): Range {
  const [start, end] = [startOf(pair), (pair.value as YAMLMap).range?.[1] ?? startOf(pair)];
  if (!root.flow) return [start, end];
  const before = /,\s*$/.exec(text.slice(0, start));
  return before ? [before.index, end] : [start, end + (/^\s*,/.exec(text.slice(end))?.[0].length ?? 0)];
}
