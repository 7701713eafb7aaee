import { Fault } from './fault.ts';
import { Grammar } from './grammar.ts';
import { Scanner } from './scanner.ts';

/** To read a text once more takes some 60 ms for so many characters; nothing that people write is longer. */
const MAX_LENGTH = 64 * 1024;

/**
 * What goyaml, and so Kubernetes and its clients, say of a YAML text that cannot be read: `line 3: mapping values are not allowed in this
 * context`. Undefined when they would read it, when its fault is none of the known ones, and for a
 * text that is too long to be read again.
 */
export function yamlFault(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    new Grammar(new Scanner(text)).document();
    return undefined;
  } catch (fault) {
    if (fault instanceof Fault) return fault.words === '' ? undefined : fault.words;
    throw fault;
  }
}
