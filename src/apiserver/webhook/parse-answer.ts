import { foundText } from '#api/decoders.ts';
import { parseExactJson } from '#api/exact-json.ts';
import { isJsonObject } from '#api/json.ts';
import { jsonFault } from '#api/json-fault.ts';
import { TYPE_META } from '#api/sent-type.ts';
import { parseYaml } from '#api/yaml.ts';
import { asError } from '#base/errors.ts';

const untyped = (why: string): Error => new Error(`couldn't get version/kind; json parse error: ${why}`);

/** An object, or nothing, in JSON or else in YAML, whatever the answer says that it is. @throws Error in Go's words */
export function parseAnswer(text: string): unknown {
  const value = text.trimStart().startsWith('{') ? json(text) : yaml(text);
  if (value === undefined || value === null || isJsonObject(value)) return value;
  throw untyped(`json: cannot unmarshal ${foundText(value, TYPE_META)} into Go value of type ${TYPE_META}`);
}

function json(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    throw untyped(jsonFault(text) ?? asError(error).message);
  }
}

function yaml(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return parseYaml(text).value;
  } catch (error) {
    throw new Error(asError(error).message, { cause: error });
  }
}
