import { parseExactJson } from '#api/exact-json.ts';
import { loadSchema, type Schema } from '#api/schema.ts';
import { withoutNulls } from '#api/without-nulls.ts';

/** JSON of the API, in the form in which objects are kept. One for all answers of a transport: it keeps the facts of the kinds that it met. */
export class AnswerParser {
  #schema: Schema | undefined;

  /** @throws SyntaxError */
  parse(text: string): unknown {
    const value = parseExactJson(text);
    return text.includes(':null') ? withoutNulls((this.#schema ??= loadSchema()), value) : value;
  }
}
