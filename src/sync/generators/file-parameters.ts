import { isJsonObject } from '#api/json.ts';
import { parseYaml } from '#api/yaml.ts';
import { asError } from '#base/errors.ts';
import { splitDocuments } from '../render/documents.ts';
import { decodeText, MAX_FILE_BYTES } from '../render/text.ts';
import { GeneratorError } from './errors.ts';
import { flatten, type Parameters, pathParameters } from './parameters.ts';
import type { FoundPath, TreeReader } from './tree-paths.ts';

/** The parameters of a YAML or JSON file: one set for each document, or for each item of a list. @throws GeneratorError InvalidFile, with path and line */
export async function fileParameters({ path, oid }: FoundPath, reader: TreeReader): Promise<readonly Parameters[]> {
  const blob = await reader.blob(oid, MAX_FILE_BYTES);
  if (!blob?.content) throw new GeneratorError('InvalidFile', `${path}: the file ${blob ? `has ${blob.size} bytes; at most ${MAX_FILE_BYTES} are read` : 'is missing'}`);
  const decoded = decodeText(blob.content);
  if (!('text' in decoded)) throw new GeneratorError('InvalidFile', `${path}: ${decoded.message}`);
  const folder = pathParameters(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
  return splitDocuments(decoded.text).flatMap((document) => {
    const invalid = (message: string, cause?: unknown): GeneratorError => new GeneratorError('InvalidFile', `${path}:${document.line}: ${message}`, { cause });
    return itemsOf(document.text, invalid).map((item) => {
      if (!isJsonObject(item)) throw invalid('must hold a mapping, or a list of mappings');
      return { ...flatten(item), ...folder, 'path.filename': path.slice(path.lastIndexOf('/') + 1) };
    });
  });
}

function itemsOf(text: string, invalid: (message: string, cause: unknown) => GeneratorError): readonly unknown[] {
  try {
    const { value } = parseYaml(text);
    return value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];
  } catch (error) {
    throw invalid(asError(error).message.split('\n')[0] ?? '', error);
  }
}
