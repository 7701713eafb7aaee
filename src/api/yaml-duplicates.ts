import { type Event, EVENT_ID, getScalarValue, parseEvents, type ScalarEvent } from 'js-yaml';
import { type Duplicate, MAX_DUPLICATES } from '#api/duplicates.ts';
import { fieldPath } from '#api/json.ts';
import { lineCounter } from '#api/lines.ts';

/** Keys that stand more than once in a mapping, each time that they stand again. `text` is one document that can be read. */
export function findYamlDuplicates(text: string, maxDepth: number): readonly Duplicate[] {
  const walk = new Walk(text);
  for (const event of parseEvents(text, { maxDepth })) walk.take(event);
  return walk.duplicates;
}

/** What is open around an event. A mapping's nodes are key and value in turn; its keys are scalars, or it could not be read. */
interface Frame {
  readonly form: 'document' | 'list' | 'mapping';
  readonly seen: Set<string>;
  step: string | number;
  isKeyNext: boolean;
}

class Walk {
  readonly duplicates: Duplicate[] = [];
  readonly #text: string;
  readonly #lineAt: (offset: number) => number;
  readonly #open: Frame[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#lineAt = lineCounter(text);
  }

  take(event: Event): void {
    const frame = this.#open.at(-1);
    const isKey = frame?.isKeyNext === true;
    switch (event.type) {
      case EVENT_ID.DOCUMENT: return this.#begin('document');
      case EVENT_ID.SEQUENCE: return this.#begin('list');
      case EVENT_ID.MAPPING: return this.#begin('mapping');
      case EVENT_ID.ALIAS: return this.#ended(isKey);
      case EVENT_ID.SCALAR:
        if (frame && isKey) this.#key(frame, event);
        return this.#ended(isKey);
      case EVENT_ID.POP:
        this.#open.pop();
        return this.#ended(false);
    }
  }

  #begin(form: Frame['form']): void {
    this.#open.push({ form, seen: new Set(), step: form === 'mapping' ? '' : 0, isKeyNext: form === 'mapping' });
  }

  #key(frame: Frame, event: ScalarEvent): void {
    const key = getScalarValue(this.#text, event);
    frame.step = key;
    if (key !== '<<' && frame.seen.has(key) && this.duplicates.length < MAX_DUPLICATES) this.duplicates.push({ path: this.#path(), key, line: this.#lineAt(event.valueStart) });
    frame.seen.add(key);
  }

  #ended(wasKey: boolean): void {
    const frame = this.#open.at(-1);
    if (frame?.form === 'mapping') frame.isKeyNext = !wasKey;
    else if (frame?.form === 'list') frame.step = Number(frame.step) + 1;
  }

  /** The outermost frame is the document. */
  #path(): string {
    return fieldPath(this.#open.slice(1).map(({ step }) => step));
  }
}
