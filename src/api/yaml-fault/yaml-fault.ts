import { Fault } from './fault.ts';
import { Grammar } from './grammar.ts';
import { Scanner } from './scanner.ts';

/**
 * What goyaml, and so Kubernetes and its clients, say of a YAML text that cannot be read: `line 3: mapping values are not allowed in this
 * context`. Undefined when they would read it, or its fault is none of the known ones.
 */
export function yamlFault(text: string): string | undefined {
  try {
    new Grammar(new Scanner(text)).document();
    return undefined;
  } catch (fault) {
    if (fault instanceof Fault) return fault.words === '' ? undefined : fault.words;
    throw fault;
  }
}
