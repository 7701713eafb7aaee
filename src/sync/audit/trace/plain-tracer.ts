import type { KubeObject } from '#api/object.ts';
import { substituteVariables } from '../../render/variables.ts';
import type { Step } from '../ownership.ts';
import { declares, follow, readManifests } from './manifest.ts';
import { ABSENT, placeAt, type Trace, type Tracer } from './tracer.ts';

export interface PlainSource {
  readonly path: string;
  readonly text: string;
  /** As of `spec.render.variables`. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** Traces to the lines of a plain manifest; undefined when the file does not declare the object. */
export function plainTracer({ path, text, variables }: PlainSource, live: KubeObject): Tracer | undefined {
  const substituted = variables ? substituteVariables(text, variables) : { text };
  const manifest = readManifests(path, 'text' in substituted ? substituted.text : text, variables ? '' : live.kind).find((candidate) => declares(candidate, live));
  if (!manifest) return undefined;
  return {
    trace({ path: field }): Trace {
      const node = [...inClearText(live, field), field].map((at) => follow(manifest.root, at).node).find((found) => found !== undefined);
      return node ? { kind: 'place', place: placeAt(path, node) } : ABSENT;
    },
  };
}

/** Where a Secret's value may stand in clear text, which then goes before `data`. */
const inClearText = ({ kind }: KubeObject, [root, ...rest]: readonly Step[]): readonly (readonly Step[])[] => (kind === 'Secret' && root === 'data' ? [['stringData', ...rest]] : []);
