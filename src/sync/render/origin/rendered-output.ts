import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { splitDocuments } from '../documents.ts';
import { plainRenderer } from '../plain-renderer.ts';
import type { RenderedObject, RenderResult } from '../renderer.ts';
import { decodeText } from '../text.ts';
import { findOrigin, UNKNOWN_ORIGIN } from './origin.ts';

/** What a tool says about one of its documents. */
export interface ClaimedOrigin {
  /** From the repository's root. */
  readonly path: string;
  /** The object without what the tool was asked to add for us. */
  readonly object: KubeObject;
}

export interface OutputReader {
  /** Where the document comes from, before it is parsed; for errors. */
  readonly pathOf: (document: string) => string;
  readonly originOf: (object: KubeObject, path: string) => ClaimedOrigin;
  /** Text of an input; undefined when there is none. */
  readonly textOf: (path: string) => Promise<string | undefined>;
}

/** The objects of a tool's output, each with the place in the repository that it comes from. */
export async function readOutput(output: Buffer, reader: OutputReader): Promise<RenderResult> {
  const objects: RenderedObject[] = [];
  const errors: SyncError[] = [];
  for (const document of splitDocuments(output.toString('utf8'))) {
    const path = reader.pathOf(document.text);
    const result = plainRenderer.render({ path: `${path}.yaml`, content: Buffer.from(document.text) });
    // Lines of the output mean nothing to whoever reads the repository.
    errors.push(...result.errors.map(({ object, reason, message }) => ({ path, ...(object === undefined ? {} : { object }), reason, message })));
    for (const { object } of result.objects) objects.push(await locate(reader.originOf(object, path), reader));
  }
  return { objects, errors };
}

async function locate({ path, object }: ClaimedOrigin, { textOf }: OutputReader): Promise<RenderedObject> {
  const text = await textOf(path);
  return { object, path, ...(text === undefined ? UNKNOWN_ORIGIN : findOrigin(text, object)) };
}

/** Texts of the tree, each read once. */
export function textReader(read: (path: string) => Promise<Buffer | undefined>): OutputReader['textOf'] {
  const texts = new Map<string, Promise<string | undefined>>();
  return (path) => {
    const known = texts.get(path);
    if (known) return known;
    const text = read(path).then((content) => {
      const decoded = content && decodeText(content);
      return decoded && 'text' in decoded ? decoded.text : undefined;
    });
    texts.set(path, text);
    return text;
  };
}
