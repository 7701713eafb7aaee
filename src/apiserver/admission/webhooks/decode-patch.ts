import { foundText } from '#api/decoders.ts';
import { parseExactJson } from '#api/exact-json.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { jsonFault } from '#api/json-fault.ts';

/** What is wrong with a patch that cannot be read, in the words of Go. */
export class UndecodablePatch {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The operations of a JSON Patch, each checked when it is carried out; none for `null`. @throws UndecodablePatch */
export function decodePatch(text: string): readonly JsonObject[] {
  const fault = jsonFault(text);
  if (fault !== undefined) throw new UndecodablePatch(fault);
  const operations = parseExactJson(text) ?? [];
  if (!Array.isArray(operations)) throw unread(operations, 'jsonpatch.Patch');
  for (const operation of operations) if (!isJsonObject(operation)) throw unread(operation, 'jsonpatch.Operation');
  return operations as readonly JsonObject[];
}

const unread = (value: unknown, type: string): UndecodablePatch => new UndecodablePatch(`json: cannot unmarshal ${foundText(value, type)} into Go value of type ${type}`);

/** As audit records show it: Go writes members in their order. */
export const sorted = (operation: JsonObject): JsonObject => Object.fromEntries(Object.entries(operation).toSorted(([a], [b]) => (a < b ? -1 : 1)));
