import { DecryptionError } from '../decryption-error.ts';
import { detectFormat } from './detect.ts';
import { applyEdits, blank, type Edit } from './edits.ts';
import { decryptBytes, decryptScalar, ENCRYPTED_PREFIX } from './encrypted-value.ts';
import { verifyMac } from './mac.ts';
import { readMetadata, type SopsMetadata } from './metadata.ts';
import { macText, type Scalar } from './scalar.ts';
import type { SopsDocument, SopsLeaf } from './sops-document.ts';
import { yamlFormat } from './yaml-format.ts';

/** Finds the data key of a file. @throws DecryptionError KeyNotFound, InvalidKey */
export type DataKeys = (metadata: SopsMetadata) => Promise<Buffer>;

export interface ClearText {
  readonly content: Buffer;
  /** What was encrypted, as text: never to be shown. */
  readonly secrets: readonly string[];
}

/**
 * A file in clear text, its block `sops` taken out and every line where it was; undefined when SOPS has not encrypted it.
 * Follows https://getsops.io/docs: each value is bound to its path, and the MAC to all values and their order. Comments are left as they are.
 * @throws DecryptionError with the line at fault
 */
export async function decryptSops(path: string, content: Buffer, dataKeys: DataKeys): Promise<ClearText | undefined> {
  if (!content.includes(ENCRYPTED_PREFIX)) return undefined;
  const text = content.toString('utf8');
  const format = detectFormat(path, text);
  if (format === undefined) return undefined;
  if (format === 'Binary') return decryptBinary(text, dataKeys);
  const documents = format.read(text);
  if (documents.length === 0) return undefined;
  const clear = (await Promise.all(documents.map((document) => decryptDocument(document, dataKeys)))).flat().filter(({ isEncrypted }) => isEncrypted);
  const edits: readonly Edit[] = [
    ...documents.flatMap(({ metadataRanges }) => metadataRanges.map((range) => blank(text, range))),
    ...clear.map(({ leaf, value }) => ({ range: leaf.range, text: format.write(value) })),
  ];
  return { content: Buffer.from(applyEdits(text, edits)), secrets: clear.map(({ value }) => macText(value)) };
}

interface ClearLeaf {
  readonly leaf: SopsLeaf;
  readonly value: Scalar;
  readonly isEncrypted: boolean;
}

async function decryptDocument(document: SopsDocument, dataKeys: DataKeys): Promise<readonly ClearLeaf[]> {
  const { metadata, key } = await unlock(document, dataKeys);
  const clear = document.leaves.map((leaf) => decryptLeaf(leaf, metadata, key));
  const covered = metadata.macOnlyEncrypted ? clear.filter(({ isEncrypted }) => isEncrypted) : clear;
  located({ line: document.line }, () => verifyMac(covered.map(({ value }) => macText(value)), metadata, key));
  return clear;
}

async function unlock({ metadata: block, line }: SopsDocument, dataKeys: DataKeys): Promise<{ readonly metadata: SopsMetadata; readonly key: Buffer }> {
  const metadata = located({ line }, () => readMetadata(block));
  const key = await dataKeys(metadata).catch((error: unknown) => located({ line }, () => { throw error; }));
  return { metadata, key };
}

function decryptLeaf(leaf: SopsLeaf, metadata: SopsMetadata, key: Buffer): ClearLeaf {
  if (!metadata.isEncrypted(leaf.path)) return { leaf, value: leaf.value, isEncrypted: false };
  const value = located({ line: leaf.line, field: leaf.path.join('.') }, () => decryptScalar(macText(leaf.value), key, `${leaf.path.join(':')}:`));
  return { leaf, value, isEncrypted: true };
}

/** The bytes of the file are the value `data`; they need not be text. */
async function decryptBinary(text: string, dataKeys: DataKeys): Promise<ClearText> {
  const [document] = yamlFormat.read(text);
  const [leaf, ...others] = document?.leaves ?? [];
  if (!document || !leaf || others.length > 0) throw new DecryptionError('InvalidEncryption', 'a binary file has the fields data and sops only');
  const { metadata, key } = await unlock(document, dataKeys);
  const { bytes } = located({ line: leaf.line, field: 'data' }, () => decryptBytes(String(leaf.value), key, 'data:'));
  located({ line: document.line }, () => verifyMac([bytes], metadata, key));
  return { content: bytes, secrets: [bytes.toString('utf8')] };
}

/** Says where it was, if what fails does not know better. */
function located<T>({ line, field }: { readonly line: number; readonly field?: string }, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecryptionError) || error.data.line !== undefined) throw error;
    throw new DecryptionError(error.data.reason, error.message, { line, ...(field === undefined ? {} : { field }), cause: error });
  }
}
